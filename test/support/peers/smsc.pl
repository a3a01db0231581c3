# A message centre made with Net::SMPP, for one client at a time. Prints the port it listens on, then a line for everything it takes.
# Numbers that end in 58 are throttled; every other submit that asks for a receipt gets one at once, before its answer, with parameters;
# then a person answers it, in UCS-2.
use strict;
use warnings;
use Net::SMPP;

$| = 1;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34) or die "cannot listen: $!";
print 'port ', $listener->sockport, "\n";

my $count = 0;
while (my $client = $listener->accept) {
    $client->set_version(0x34);
    while (my $pdu = $client->read_pdu) {
        my $cmd = $pdu->{cmd};
        if ($cmd == Net::SMPP::CMD_bind_transceiver) {
            my $isRight = $pdu->{system_id} eq 'center' && $pdu->{password} eq 'secret';
            $client->bind_transceiver_resp(seq => $pdu->{seq}, system_id => 'PERL', status => $isRight ? 0 : 0x0e);
            print "bind $pdu->{system_id}\n";
        }
        elsif ($cmd == Net::SMPP::CMD_submit_sm) {
            my $id = sprintf 'perl%d', $count++;
            my $isThrottled = $pdu->{destination_addr} =~ /58$/;
            print join(' ', 'submit', $pdu->{destination_addr}, $pdu->{esm_class}, $pdu->{data_coding},
                $pdu->{registered_delivery}, unpack('H*', $pdu->{short_message})), "\n";
            if (!$isThrottled && $pdu->{registered_delivery}) {
                receipt($client, $pdu, $id);
                uplink($client, $pdu);
            }
            $client->submit_sm_resp(seq => $pdu->{seq}, message_id => $id, status => $isThrottled ? 0x58 : 0);
        }
        elsif ($cmd == Net::SMPP::CMD_enquire_link) {
            $client->enquire_link_resp(seq => $pdu->{seq});
            print "enquire_link\n";
        }
        elsif ($cmd == Net::SMPP::CMD_unbind) {
            $client->unbind_resp(seq => $pdu->{seq});
            print "unbind\n";
            last;
        }
        elsif ($cmd == Net::SMPP::CMD_deliver_sm_resp) {
            print "deliver_sm_resp $pdu->{status}\n";
        }
        else {
            print "other $cmd\n";
        }
    }
    close $client;
}

sub receipt {
    my ($client, $pdu, $id) = @_;
    $client->deliver_sm(
        async                 => 1,
        source_addr           => $pdu->{destination_addr},
        destination_addr      => $pdu->{source_addr},
        esm_class             => 0x04,
        short_message         => "id:$id sub:001 dlvrd:001 submit date:2611251201 done date:2611251202 stat:DELIVRD err:000 text:x",
        receipted_message_id  => "$id\0",
        message_state         => chr(2),
    );
}

sub uplink {
    my ($client, $pdu) = @_;
    $client->deliver_sm(
        async            => 1,
        source_addr      => $pdu->{destination_addr},
        destination_addr => $pdu->{source_addr},
        data_coding      => 8,
        short_message    => pack('n*', 0x6536, 0x5230),
    );
}
