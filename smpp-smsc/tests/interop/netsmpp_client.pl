# Net::SMPP as a transceiver: submit, receipt, enquire_link, unbind. Usage: netsmpp_client.pl HOST PORT [CA]
# With CA, a file, over TLS: the certificate must be one for localhost that it has issued.
# Exits 0 if the message centre did all of it right, else with one line on stderr.
use strict;
use warnings;
use Net::SMPP;
my ($host, $port, $ca) = @ARGV;

my $TEXT = 'from Net::SMPP, longer than a receipt quotes';
my $RECEIPT = qr/^id:(\S+) sub:001 dlvrd:001 submit date:\d{10} done date:\d{10} stat:DELIVRD err:000 text:(.*)$/is;

sub fail { print STDERR "Net::SMPP: @_\n"; exit 1 }

sub expect {
    my ($what, $seen, $wanted) = @_;
    $seen eq $wanted or fail("$what is $seen, not $wanted");
}

# A Net::SMPP whose reading and writing is that of TLS.
sub secured {
    my ($session) = @_;
    require IO::Socket::SSL;
    @Secure::ISA = qw(IO::Socket::SSL Net::SMPP);
    my %trust = (SSL_ca_file => $ca, SSL_verifycn_name => 'localhost', SSL_verifycn_scheme => 'http');
    return Secure->start_SSL($session, %trust) || fail("no TLS: " . IO::Socket::SSL::errstr());
}

my $session = Net::SMPP->new_connect($host, port => $port) or fail("no connection: $!");
$session = secured($session) if defined $ca;
my $bound = $session->bind_transceiver(system_id => 'smppclient1', password => 'password') or fail('no bind_resp');
expect('the status of the bind', $bound->status, 0);

# Not waited for by Net::SMPP itself, which would drop a receipt that comes before the response.
$session->submit_sm(
    async => 1, source_addr_ton => 1, source_addr_npi => 1, source_addr => '10001',
    dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => '447700900123',
    registered_delivery => 1, short_message => $TEXT,
);
my %seen;
until ($seen{submit_sm_resp} && $seen{deliver_sm}) {
    my $pdu = $session->read_pdu or fail('the connection was closed');
    $seen{$pdu->explain_cmd} = $pdu;
}
my ($response, $receipt) = @seen{qw(submit_sm_resp deliver_sm)};
expect('the status of submit_sm', $response->status, 0);
$session->deliver_sm_resp(seq => $receipt->seq, message_id => '');
my ($id, $text) = $receipt->{short_message} =~ $RECEIPT
    or fail("no receipt of v3.4 Appendix B: $receipt->{short_message}");
expect('esm_class', $receipt->{esm_class}, Net::SMPP::ESM_type_delivery_receipt);
expect('receipted_message_id', $receipt->{receipted_message_id}, $response->message_id . "\0");
expect('message_state', ord $receipt->{message_state}, Net::SMPP::MSGSTATE_delivered);
expect('source_addr', $receipt->{source_addr}, '447700900123');
expect('destination_addr', $receipt->{destination_addr}, '10001');
expect("the receipt's id", $id, $response->message_id);
expect("the receipt's text", $text, substr $TEXT, 0, 20);

expect('the status of enquire_link', $session->enquire_link->status, 0);
expect('the status of unbind', $session->unbind->status, 0);
