#!/usr/bin/env perl
# Adapter for the recv() that is built into Perl. README.md walks through it; ../PROTOCOL.md is the contract.
use strict;
use warnings;
use IO::Handle;
use JSON::PP;
use POSIX ();

my $json = JSON::PP->new->utf8->canonical;
my %sockets;  # by descriptor; kept, because a handle that goes out of scope closes its descriptor

sub recvmsg_into {
    my ($request) = @_;
    return {unsupported => 'scatter'} if @{$request->{buffers}} != 1;
    return {unsupported => 'timeout'} if $request->{timeout_ms};
    my ($fd, $entry) = ($request->{fd}, $request->{buffers}[0]);
    my ($size, $from, $fill) = ($entry->{size}, $entry->{from} // 0, pack 'H*', $entry->{fill} // 'ee');
    my $storage = substr $fill x ($size / length($fill) + 1), 0, $size;

    my ($received, $sender) = ('', undef);
    if ($sockets{$fd} || open $sockets{$fd}, '+<&=', $fd) {
        $sockets{$fd}->blocking(!defined $request->{timeout_ms});
        $sender = recv $sockets{$fd}, $received, ($entry->{to} // $size) - $from, $request->{flags} // 0;
    }
    my $error = {class => 'recv', errno => $! + 0, message => "$!"};
    return {error => $error, buffers => [unpack 'H*', $storage]} unless defined $sender;
    substr($storage, $from, length $received) = $received;
    return {nbytes => length $received, buffers => [unpack 'H*', $storage]};
}

my %answers = (
    hello => sub {
        return {protocol => 1, name => 'Perl recv', version => sprintf('%vd', $^V), language => 'Perl',
                capabilities => ['flags', 'nonblocking', 'system_wait', 'pipelining']};
    },
    recvmsg_into => \&recvmsg_into,
    close => sub { my ($request) = @_; delete $sockets{$_} // POSIX::close($_) for @{$request->{fds}}; return {} },
    bye => sub { return {} },
);

STDOUT->autoflush;
while (my $line = <STDIN>) {
    my $request = $json->decode($line);
    my $answer = $answers{$request->{op}};
    my $reply = $answer ? $answer->($request) : {unsupported => $request->{op}};
    print $json->encode({%$reply, id => $request->{id}}), "\n";
    last if $request->{op} eq 'bye';
}
