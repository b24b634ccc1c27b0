// What golang.org/x/sys/unix makes of bytes that a right Linux kernel does not give. Its system calls do not go through
// the C library, so the functions behind recvmsg(2) are called with those bytes.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"unsafe"

	"golang.org/x/sys/unix"
)

// RecvmsgBuffers calls it unless the family is AF_UNSPEC. It does not get msg_namelen.
//
//go:linkname anyToSockaddr golang.org/x/sys/unix.anyToSockaddr
func anyToSockaddr(fd int, rsa *unix.RawSockaddrAny) (unix.Sockaddr, error)

func main() {
	info, _ := debug.ReadBuildInfo()
	fmt.Println(info.GoVersion, info.Deps[0].Path, info.Deps[0].Version)
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	check(err)

	address(fds[0], "msg_namelen 0, bytes of before in the buffer", "\x01\x00/tmp/stale")
	address(fds[0], "msg_namelen 9, STALE BYTES behind", "\x01\x00/abcdefSTALE BYTES")
	address(fds[0], "msg_namelen 2", "\x01\x00")
	address(fds[0], "family 99", "c\x00abcdefghijklmn")

	// As it would be received: two descriptors, and an item that claims too much.
	for i := range fds {
		fds[i], err = unix.Open(os.DevNull, unix.O_RDONLY, 0)
		check(err)
	}
	oob := unix.UnixRights(fds[:]...)
	oob = append(oob, item(50, 7, 60, "cut item")...)
	messages, err := unix.ParseSocketControlMessage(oob)
	fmt.Printf("ParseSocketControlMessage: %d messages, error %v\n", len(messages), err)
	for rest := oob; len(rest) > 0; {
		var header unix.Cmsghdr
		var data []byte
		header, data, rest, err = unix.ParseOneSocketControlMessage(rest)
		fmt.Printf("ParseOneSocketControlMessage: level %d, type %d, %d bytes, error %v\n", header.Level, header.Type,
			len(data), err)
	}

	// A third descriptor of which only two bytes are there, as macOS cuts.
	header := unix.Cmsghdr{Level: unix.SOL_SOCKET, Type: unix.SCM_RIGHTS}
	cut := unix.SocketControlMessage{Header: header, Data: make([]byte, 10)}
	tell("ParseUnixRights of 10 bytes", func() { unix.ParseUnixRights(&cut) })
	oob = make([]byte, 64)
	oobn := 65 // msg_controllen, as RecvmsgBuffers would return it
	tell("oob[:oobn]", func() { unix.ParseSocketControlMessage(oob[:oobn]) })
}

func address(fd int, title, bytes string) {
	var rsa unix.RawSockaddrAny
	copy((*[unsafe.Sizeof(rsa)]byte)(unsafe.Pointer(&rsa))[:], bytes)
	from, err := anyToSockaddr(fd, &rsa)
	if unixFrom, ok := from.(*unix.SockaddrUnix); ok {
		fmt.Printf("%-45s from %q, error %v\n", title, unixFrom.Name, err)
	} else {
		fmt.Printf("%-45s from %v, error %v\n", title, from, err)
	}
}

func item(level, kind int32, claimed int, data string) []byte {
	bytes := make([]byte, unix.CmsgSpace(len(data)))
	header := (*unix.Cmsghdr)(unsafe.Pointer(&bytes[0]))
	header.Level, header.Type = level, kind
	header.SetLen(unix.CmsgLen(claimed))
	copy(bytes[unix.CmsgLen(0):], data)
	return bytes
}

func tell(title string, action func()) {
	defer func() { fmt.Printf("%s: panic: %v\n", title, recover()) }()
	action()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
