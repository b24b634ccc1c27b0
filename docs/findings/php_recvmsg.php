<?php
// PHP: socket_recvmsg() with MSG_TRUNC on TCP, of a sender with an abstract name, with an item that PHP does not know,
// and of an address with flow information.
echo 'php ', PHP_VERSION, "\n";
$message = fn () => ['name' => [], 'buffer_size' => 64, 'controllen' => 64];

$secrets = array_map(fn ($i) => str_repeat("password-$i ", 6), range(0, 200));
unset($secrets);
$server = socket_create_listen(0);
socket_getsockname($server, $host, $port);
$client = socket_create(AF_INET, SOCK_STREAM, 0);
socket_connect($client, '127.0.0.1', $port);
$accepted = socket_accept($server);
socket_write($client, str_repeat('A', 64));
usleep(100000);
$m = $message();
$count = socket_recvmsg($accepted, $m, MSG_TRUNC);
printf("TCP: returned %d, %d bytes of data, %d of them sent, not zero %d\n", $count, strlen($m['iov'][0]),
    substr_count($m['iov'][0], 'A'), strlen(str_replace("\0", '', $m['iov'][0])));

socket_create_pair(AF_UNIX, SOCK_DGRAM, 0, $pair);
[$there, $here] = $pair;
socket_bind($there, "\0name");
socket_send($there, 'abc', 3, 0);
$m = $message();
$count = socket_recvmsg($here, $m, MSG_DONTWAIT);
printf("a sender with an abstract name: returned %d, %s\n", $count, json_encode($m['name']));

const SO_TIMESTAMP = 29;
socket_set_option($here, SOL_SOCKET, SO_TIMESTAMP, 1);
socket_send($there, 'abc', 3, 0);
$m = $message();
$count = @socket_recvmsg($here, $m, MSG_DONTWAIT);
printf("an SO_TIMESTAMP item: returned %s, message %s; %s\n", var_export($count, true), var_export($m, true),
    error_get_last()['message']);
$m = $message();
printf("again: returned %s\n", var_export(@socket_recvmsg($here, $m, MSG_DONTWAIT), true));

// The error of a datagram with flow label 0x12345 to a closed port: IPV6_RECVERR, IPV6_FLOWINFO_SEND, MSG_ERRQUEUE.
$flowing = socket_create(AF_INET6, SOCK_DGRAM, 0);
socket_set_option($flowing, IPPROTO_IPV6, 25, 1);
socket_set_option($flowing, IPPROTO_IPV6, 33, 1);
$closed = ['family' => AF_INET6, 'addr' => '::1', 'port' => 9, 'flowinfo' => 0x45230100];
socket_sendmsg($flowing, ['name' => $closed, 'iov' => ['abc']], 0);
$m = ['name' => ['family' => AF_INET6], 'buffer_size' => 64, 'controllen' => 1];
$count = socket_recvmsg($flowing, $m, 0x2000);
printf("an error of flow label 0x12345: returned %d, flowinfo 0x%x, port %d\n", $count, $m['name']['flowinfo'],
    $m['name']['port']);
