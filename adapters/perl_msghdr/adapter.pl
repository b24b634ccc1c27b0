#!/usr/bin/env perl
# Adapter for recvmsg() of Socket::MsgHdr, of Perl. It follows ../template/adapter.pl, which README.md there walks through.
use strict;
use warnings;
use IO::Handle;
use JSON::PP;
use POSIX ();
use Socket qw(AF_UNIX AF_INET AF_INET6 inet_ntop);
use Socket::MsgHdr;

my $json = JSON::PP->new->utf8->canonical;
my %sockets;  # by descriptor; kept, because a handle that goes out of scope closes its descriptor

sub address {
    my ($name) = @_;
    return undef if !defined $name || length $name <= 2;
    my ($family, $rest) = unpack 'S a*', $name;
    if ($family == AF_UNIX) {
        $rest =~ s/\0.*//s unless $rest =~ /^\0/;
        return {family => $family, path => unpack 'H*', $rest};
    }
    if ($family == AF_INET && length $rest >= 14) {
        my ($port, $host) = unpack 'n a4', $rest;
        return {family => $family, host => inet_ntop($family, $host), port => $port};
    }
    if ($family == AF_INET6 && length $rest >= 26) {
        my ($port, $flowinfo, $host, $scope) = unpack 'n N a16 L', $rest;
        return {family => $family, host => inet_ntop($family, $host), port => $port, flowinfo => $flowinfo, scope_id => $scope};
    }
    return undef if $family == AF_INET || $family == AF_INET6;
    return {family => $family, raw => unpack 'H*', $rest};
}

sub items {
    my ($header) = @_;
    my @parts = $header->cmsghdr;
    my @items;
    while (my ($level, $type, $data) = splice @parts, 0, 3) {
        push @items, [$level, $type, unpack 'H*', $data];
    }
    return \@items;
}

sub recvmsg_into {
    my ($request) = @_;
    return {unsupported => 'scatter'} if @{$request->{buffers}} != 1;
    return {unsupported => 'timeout'} if $request->{timeout_ms};
    my ($fd, $entry) = ($request->{fd}, $request->{buffers}[0]);
    my ($size, $from, $fill) = ($entry->{size}, $entry->{from} // 0, pack 'H*', $entry->{fill} // 'ee');
    my $storage = substr $fill x ($size / length($fill) + 1), 0, $size;

    my $header = Socket::MsgHdr->new(buflen => ($entry->{to} // $size) - $from, namelen => 128);
    $header->controllen($request->{ancbufsize}) if $request->{ancbufsize};
    my $nbytes;
    if ($sockets{$fd} || open $sockets{$fd}, '+<&=', $fd) {
        $sockets{$fd}->blocking(!defined $request->{timeout_ms});
        $nbytes = recvmsg $sockets{$fd}, $header, $request->{flags} // 0;
    }
    my $error = {class => 'recvmsg', errno => $! + 0, message => "$!"};
    return {error => $error, buffers => [unpack 'H*', $storage]} unless defined $nbytes;
    my $received = $header->buf;
    substr($storage, $from, length $received) = $received;
    return {nbytes => $nbytes + 0, msg_flags => $header->flags, address => address($header->name), ancdata => items($header),
            buffers => [unpack 'H*', $storage]};
}

my %answers = (
    hello => sub {
        return {protocol => 1, name => 'Socket::MsgHdr', version => $Socket::MsgHdr::VERSION, language => 'Perl',
                capabilities => ['flags', 'msg_flags', 'address', 'ancillary', 'rights', 'all_items', 'ancbufsize',
                                 'nonblocking', 'system_wait', 'recvmsg', 'pipelining']};
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
