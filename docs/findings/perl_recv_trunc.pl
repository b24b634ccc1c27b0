#!/usr/bin/env perl
# recv() of Perl 5.36 with MSG_TRUNC on TCP: a scalar of bytes that nothing wrote.
# The peer sends A's only. What is printed was in memory that this process had freed before.
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(MSG_PEEK MSG_TRUNC);

my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
my $peer = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die $!;
my $socket = $listener->accept or die $!;
syswrite $peer, 'A' x 20_000;

# Fills many scalars of $length bytes with secrets, and frees them.
sub work_with_secrets {
    my ($length) = @_;
    my @secrets = map { "password-$_ " x ($length / 11) } 10 .. 99;
    return scalar @secrets;
}

my @kept;  # so that no call gets the memory of the scalar of the call before

sub show {
    my ($title, $length, $flags) = @_;
    work_with_secrets($length);
    my $received;
    push @kept, \$received;
    defined recv $socket, $received, $length, $flags or die $!;
    my $written = ($received =~ tr/A//);
    my @secrets = $received =~ /(password-\d\d)/g;
    (my $middle = substr $received, $length / 2, 24) =~ s/[^ -~]/./g;
    printf "%-28s LENGTH %5d: %5d bytes, %5d of them sent, %4d passwords; in the middle: %s\n",
        $title, $length, length $received, $written, scalar @secrets, $middle;
}

printf "perl %vd\n", $^V;
show('MSG_PEEK (as a comparison)', 200, MSG_PEEK);
show('MSG_PEEK | MSG_TRUNC', $_, MSG_PEEK | MSG_TRUNC) for 200, 2_000, 20_000;
show('MSG_TRUNC', 200, MSG_TRUNC);

# A scalar that is used again keeps what it held.
my $reused = 'the last request: secret token';
defined recv $socket, $reused, 30, MSG_PEEK | MSG_TRUNC or die $!;
(my $printable = $reused) =~ s/[^ -~]/./g;
print "a scalar used again: $printable\n";
