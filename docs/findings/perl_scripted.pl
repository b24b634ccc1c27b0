# Socket::MsgHdr, of what scripted_recvmsg.c answers.
# RECVMSG=rights-0 LD_PRELOAD=./scripted_recvmsg.so perl perl_scripted.pl
use strict;
use warnings;
use Socket;
use Socket::MsgHdr;
socketpair my $there, my $here, AF_UNIX, SOCK_DGRAM, 0;
my $header = Socket::MsgHdr->new(buflen => 4, controllen => 64);
my $count = recvmsg $here, $header;
printf "returned %d, control has %d bytes\n", $count, length $header->control;
my @items = $header->cmsghdr;
while (my ($level, $type, $data) = splice @items, 0, 3) {
    printf "item %d, %d: %d bytes\n", $level, $type, length $data;
}
