#!/usr/bin/env perl
# An adapter of the recvmsg conformance suite: README.md says what to change.
use strict;
use warnings;
use IO::Handle;
use JSON::PP;
use POSIX ();

# Who is judged, and what its interface can express.
my %hello = (protocol => 1, name => 'Perl recv', version => sprintf('%vd', $^V), language => 'Perl',
             capabilities => ['nonblocking', 'system_wait']);

my %sockets;  # by descriptor; kept, because a handle that goes out of scope closes its descriptor

# ---- YOUR IMPLEMENTATION: its call takes the place of recv here.
# Returns the bytes that were received, at most $room of them; undef, with $!, where the call failed.
sub receive {
    my ($fd, $room, $wait) = @_;
    if (!$sockets{$fd}) {
        open my $socket, '+<&=', $fd or return undef;
        $sockets{$fd} = $socket;
    }
    $sockets{$fd}->blocking($wait);
    my $sender = recv $sockets{$fd}, my $received, $room, 0;
    return defined $sender ? $received : undef;
}
# ---- What follows need not change, until you declare more.

sub recvmsg_into {
    my ($request) = @_;
    return {unsupported => 'scatter'} if @{$request->{buffers}} != 1;
    my $entry = $request->{buffers}[0];
    my ($size, $from, $fill) = ($entry->{size}, $entry->{from} // 0, pack 'H*', $entry->{fill} // 'ee');
    my $storage = substr $fill x ($size / length($fill) + 1), 0, $size;
    my $received = receive($request->{fd}, ($entry->{to} // $size) - $from, !defined $request->{timeout_ms});
    my $error = {class => 'recv', errno => $! + 0, message => "$!"};
    return {error => $error, buffers => [unpack 'H*', $storage]} unless defined $received;
    substr($storage, $from, length $received) = $received;
    return {nbytes => length $received, buffers => [unpack 'H*', $storage]};
}

my %answers = (
    hello => sub { return \%hello },
    recvmsg_into => \&recvmsg_into,
    close => sub { my ($request) = @_; delete $sockets{$_} // POSIX::close($_) for @{$request->{fds}}; return {} },
    bye => sub { return {} },
);

STDOUT->autoflush;
while (my $line = <STDIN>) {
    my $request = decode_json $line;
    my $answer = $answers{$request->{op}};
    my $reply = $answer ? $answer->($request) : {unsupported => $request->{op}};
    print encode_json({%$reply, id => $request->{id}}), "\n";
    last if $request->{op} eq 'bye';
}
