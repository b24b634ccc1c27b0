# Socket::MsgHdr: the flags of a message that was cut, and MSG_TRUNC.
use strict;
use warnings;
use Socket;
use Socket::MsgHdr;
print "Socket::MsgHdr $Socket::MsgHdr::VERSION\n";
socketpair my $there, my $here, AF_UNIX, SOCK_DGRAM, 0;
send $there, 'abcdef', 0;
my $header = Socket::MsgHdr->new(buflen => 2);
my $count = recvmsg $here, $header;
printf "6 bytes into 2: returned %d, flags %d, MSG_TRUNC is %d\n", $count, $header->flags, MSG_TRUNC;
send $there, 'A' x 60000, 0;
$header = Socket::MsgHdr->new(buflen => 2);
$count = recvmsg $here, $header, MSG_TRUNC;
printf "60000 bytes into 2, with MSG_TRUNC: returned %d, buf has %d bytes, %d of them sent\n", $count, length $header->buf,
    $header->buf =~ tr/A//;
