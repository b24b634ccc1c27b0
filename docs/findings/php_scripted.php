<?php
// PHP: socket_recvmsg(), of what scripted_recvmsg.c answers.
// RECVMSG=rights-huge LD_PRELOAD=./scripted_recvmsg.so php php_scripted.php
socket_create_pair(AF_UNIX, SOCK_DGRAM, 0, $pair);
$m = ['name' => [], 'buffer_size' => 4, 'controllen' => 64];
printf("returned %s\n", var_export(socket_recvmsg($pair[1], $m), true));
printf("message %s\n", json_encode($m, JSON_PARTIAL_OUTPUT_ON_ERROR));
