// golang.org/x/net: ReadBatch of a message that has no address, the time stamp of what was sent.
package main

import (
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

func main() {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		fmt.Println(module.Path, module.Version)
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	raw, _ := conn.SyscallConn()
	raw.Control(func(fd uintptr) {
		const flags = unix.SOF_TIMESTAMPING_TX_SOFTWARE | unix.SOF_TIMESTAMPING_SOFTWARE
		fmt.Println("setsockopt:", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPING, flags))
	})
	conn.WriteTo([]byte("abc"), conn.LocalAddr())
	time.Sleep(100 * time.Millisecond)
	conn.SetReadDeadline(time.Now().Add(time.Second))
	messages := []ipv4.Message{{Buffers: [][]byte{make([]byte, 100)}, OOB: make([]byte, 256)}}
	count, err := ipv4.NewPacketConn(conn).ReadBatch(messages, unix.MSG_ERRQUEUE)
	fmt.Printf("ReadBatch: %d, %v; N %d, NN %d, Addr %v\n", count, err, messages[0].N, messages[0].NN, messages[0].Addr)
	raw.Control(func(fd uintptr) {
		n, _, _, _, err := unix.Recvmsg(int(fd), make([]byte, 100), make([]byte, 256), unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		fmt.Println("what is left in the error queue:", n, err)
	})
}
