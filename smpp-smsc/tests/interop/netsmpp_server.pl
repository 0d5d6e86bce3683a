# Net::SMPP as a message centre, a process for each session, until it is killed. It prints where it listens, then
# "received COMMAND" for each PDU. What it expects, and what it does, is that of node_server.js.
use strict;
use warnings;
use Net::SMPP;
$| = 1;

my $ID = 'netsmpp-1';
my $RECEIPT = "id:$ID sub:001 dlvrd:001 submit date:2611290900 done date:2611290900 stat:DELIVRD err:000 text:";
my %bind = map { $_ => 1 } qw(bind_transmitter bind_receiver bind_transceiver);

my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, timeout => undef, system_id => 'netsmpp')
    or die "it cannot listen: $!\n";
print 'smpp listening on 127.0.0.1:', $listener->sockport, "\n";
# Its children are nobody's to wait for.
$SIG{CHLD} = 'IGNORE';
while (my $session = $listener->accept) {
    my $child = fork;
    die "no process for a session: $!\n" unless defined $child;
    if (!$child) {
        1 while serve($session, $session->read_pdu);
        exit;
    }
    close $session;
}

# Whether more is to be read.
sub serve {
    my ($session, $pdu) = @_;
    return 0 unless $pdu;
    my $command = $pdu->explain_cmd;
    print "received $command\n";
    if ($bind{$command}) {
        my $known = $pdu->{system_id} eq 'esme' && $pdu->{password} eq 'secret';
        my $resp = "${command}_resp";
        $session->$resp(seq => $pdu->seq, status => $known ? 0 : 0x0d);
        deliver($session, 'from Net::SMPP') if $known && $command eq 'bind_receiver';
    } elsif ($command eq 'submit_sm') {
        my $right = $pdu->{destination_addr} eq '447700900123' && $pdu->{short_message} eq 'to a peer';
        $session->submit_sm_resp(seq => $pdu->seq, status => $right ? 0 : 8, message_id => $right ? $ID : '');
        deliver($session, $RECEIPT, esm_class => Net::SMPP::ESM_type_delivery_receipt)
            if $right && $pdu->{registered_delivery};
    } elsif ($command eq 'enquire_link') {
        $session->enquire_link_resp(seq => $pdu->seq);
    } elsif ($command eq 'unbind') {
        $session->unbind_resp(seq => $pdu->seq);
        return 0;
    }
    return 1;
}

sub deliver {
    my ($session, $text, @more) = @_;
    # Not waited for: its response is read with all else.
    $session->deliver_sm(async => 1, source_addr => '447700900123', destination_addr => '10001',
        short_message => $text, @more);
}
