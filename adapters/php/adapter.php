#!/usr/bin/env php
<?php
// Adapter for socket_recvmsg() of PHP. ../PROTOCOL.md is the contract.
//
// PHP makes objects of the descriptors that it receives, and does not tell their numbers: /proc tells what is new, and numbers
// are given in order.
declare(strict_types=1);

const CAPABILITIES = ['flags', 'msg_flags', 'address', 'ancillary', 'rights', 'ancbufsize', 'nonblocking', 'system_wait',
    'recvmsg', 'pipelining'];

/** By number. What goes out of scope is closed, so these do not. */
$streams = [];
$received = [];

function open_numbers(): array
{
    $numbers = array_map('intval', array_filter(scandir('/proc/self/fd'), 'is_numeric'));
    sort($numbers);
    return array_values(array_filter($numbers, fn ($number) => file_exists("/proc/self/fd/$number")
        || @readlink("/proc/self/fd/$number") !== false));
}

function address(?array $name): ?array
{
    switch ($name['family'] ?? 0) {
        case AF_UNIX:
            return $name['path'] === '' ? null : ['family' => AF_UNIX, 'path' => bin2hex($name['path'])];
        case AF_INET:
            return ['family' => AF_INET, 'host' => $name['addr'], 'port' => $name['port']];
        case AF_INET6:
            return ['family' => AF_INET6, 'host' => $name['addr'], 'port' => $name['port'], 'flowinfo' => $name['flowinfo'],
                'scope_id' => $name['scope_id']];
        default:
            return null;
    }
}

function items(array $controls, array $new): array
{
    global $received;
    $items = [];
    foreach ($controls as ['level' => $level, 'type' => $type, 'data' => $data]) {
        if ($level === SOL_SOCKET && $type === SCM_RIGHTS) {
            $bytes = '';
            foreach ($data as $object) {
                $number = array_shift($new);
                $received[$number] = $object;
                $bytes .= pack('l', $number);
            }
        } elseif ($level === SOL_SOCKET && $type === SCM_CREDENTIALS) {
            $bytes = pack('l3', $data['pid'], $data['uid'], $data['gid']);
        } else {
            $bytes = is_int($data) ? pack('l', $data) : inet_pton($data['addr']) . pack('l', $data['ifindex']);
        }
        $items[] = [$level, $type, bin2hex($bytes)];
    }
    return $items;
}

function recvmsg_into(array $request): array
{
    global $streams;
    if (count($request['buffers']) !== 1) {
        return ['unsupported' => 'scatter'];
    }
    if ($request['timeout_ms'] ?? 0) {
        return ['unsupported' => 'timeout'];
    }
    $entry = $request['buffers'][0];
    $size = $entry['size'];
    $from = $entry['from'] ?? 0;
    $fill = hex2bin($entry['fill'] ?? 'ee');
    $storage = substr(str_repeat($fill, intdiv($size, strlen($fill)) + 1), 0, $size);

    $fd = $request['fd'];
    $streams[$fd] ??= @fopen("php://fd/$fd", 'r+');
    $socket = $streams[$fd] ? @socket_import_stream($streams[$fd]) : false;
    if (!$socket) {
        unset($streams[$fd]);
        $error = @readlink("/proc/self/fd/$fd") === false ? SOCKET_EBADF : SOCKET_ENOTSOCK;
        return ['error' => ['class' => 'fopen', 'errno' => $error, 'message' => ''], 'buffers' => [bin2hex($storage)]];
    }
    isset($request['timeout_ms']) ? socket_set_nonblock($socket) : socket_set_block($socket);
    // A controllen of 0 is refused; in 1 byte nothing has room either.
    $message = ['name' => [], 'buffer_size' => ($entry['to'] ?? $size) - $from, 'controllen' => max(1, $request['ancbufsize'] ?? 0)];
    $before = open_numbers();
    socket_clear_error();
    $nbytes = @socket_recvmsg($socket, $message, $request['flags'] ?? 0);
    if ($nbytes === false) {
        $number = socket_last_error() ?: null; // socket_recvmsg() keeps it there, and not with the socket
        return ['error' => ['class' => 'socket_recvmsg', 'errno' => $number, 'message' => error_get_last()['message'] ?? ''],
            'buffers' => [bin2hex($storage)]];
    }
    if (!is_array($message)) { // received, and then not understood: PHP gives neither the data nor what came with them
        return ['error' => ['class' => 'socket_recvmsg', 'errno' => null, 'message' => error_get_last()['message'] ?? ''],
            'buffers' => [bin2hex($storage)]];
    }
    $data = $message['iov'][0] ?? '';
    $new = array_values(array_diff(open_numbers(), $before));
    return ['nbytes' => $nbytes, 'msg_flags' => $message['flags'], 'address' => address($message['name']),
        'ancdata' => items($message['control'] ?? [], $new),
        'buffers' => [bin2hex(substr_replace($storage, $data, $from, strlen($data)))]];
}

function close(array $numbers): array
{
    global $received, $streams;
    foreach ($numbers as $number) {
        if (isset($received[$number])) {
            $object = $received[$number];
            $object instanceof Socket ? socket_close($object) : fclose($object);
            unset($received[$number]);
        } else {
            unset($streams[$number]);
            FFI::cdef('int close(int);')->close($number);
        }
    }
    return [];
}

$requests = fopen('php://stdin', 'r'); // a duplicate: number 0 may be received
while (($line = fgets($requests)) !== false) {
    $request = json_decode($line, true, 64, JSON_THROW_ON_ERROR);
    $reply = match ($request['op']) {
        'hello' => ['protocol' => 1, 'name' => 'PHP', 'version' => explode('-', PHP_VERSION)[0], 'language' => 'PHP',
            'capabilities' => CAPABILITIES, 'items' => ['rights', 'credentials', 'ipv6_pktinfo', 'ipv6_hoplimit', 'ipv6_tclass']],
        'recvmsg_into' => recvmsg_into($request),
        'close' => close($request['fds']),
        'bye' => [],
        default => ['unsupported' => $request['op']],
    };
    fwrite(STDOUT, json_encode(['id' => $request['id']] + $reply, JSON_THROW_ON_ERROR) . "\n");
    if ($request['op'] === 'bye') {
        break;
    }
}
