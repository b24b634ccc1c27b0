// The adapter of the recvmsg conformance suite for RecvmsgBuffers of golang.org/x/sys/unix, or, with an argument, for
// package net ("net") or golang.org/x/net ("batch"). The contract is ../PROTOCOL.md.
//
// What the interface lacks is not declared: it takes no timeout, it leaves EINTR to its caller, no handler of Go's runs
// inside a call, and Go has no warnings. Without ancbufsize there is no control buffer, for x/sys knows no default.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/netip"
	"os"
	"runtime/debug"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

const library = "golang.org/x/sys"

var capabilities = []string{
	"scatter", "no_buffers", "empty_buffers", "overlap", "flags", "msg_flags", "address", "ancillary", "rights",
	"all_items", "ancbufsize", "nonblocking", "system_wait", "recvmsg", "pipelining",
	"concurrent",
}

// reply is the reply to a request, but for its id.
type reply map[string]any

type request struct {
	ID         int
	Op         string
	FD         int
	Family     int
	Buffers    []bufferEntry
	Ancbufsize int
	Flags      int
	TimeoutMS  *int `json:"timeout_ms"`
	FDs        []int
	Concurrent bool
}

type bufferEntry struct {
	Size    int
	Fill    *string
	From    int
	To      *int
	Storage *int
}

// What is judged.
var (
	hello   = reply{"protocol": 1, "name": library + "/unix", "version": libraryVersion(), "language": "Go", "capabilities": capabilities}
	receive = receiveByUnix
)

func main() {
	log.SetFlags(0)
	switch {
	case len(os.Args) > 1 && os.Args[1] == "net":
		hello, receive = netHello, receiveByNet
	case len(os.Args) > 1 && os.Args[1] == "batch":
		hello, receive = batchHello, receiveByBatch
	}
	startPoller()
	requests := bufio.NewReader(os.Stdin)
	for {
		line, err := requests.ReadBytes('\n')
		if err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			log.Fatalf("%v in the request %s", err, line)
		}
		if r.Concurrent {
			go respond(r)
		} else {
			respond(r)
		}
		if r.Op == "bye" {
			return
		}
	}
}

var output sync.Mutex

func respond(r request) {
	fields := answer(r)
	fields["id"] = r.ID
	line, err := json.Marshal(fields)
	if err != nil {
		log.Fatal(err)
	}
	output.Lock()
	defer output.Unlock()
	if _, err := os.Stdout.Write(append(line, '\n')); err != nil {
		log.Fatal(err)
	}
}

func answer(r request) reply {
	switch r.Op {
	case "hello":
		copied := reply{} // main adds the id
		for field, value := range hello {
			copied[field] = value
		}
		return copied
	case "recvmsg_into":
		return recvmsgInto(r)
	case "close":
		for _, fd := range r.FDs {
			_ = unix.Close(fd) // EBADF is passed over
		}
		return reply{}
	case "bye":
		return reply{}
	}
	return reply{"unsupported": r.Op}
}

func libraryVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == library {
				return module.Version
			}
		}
	}
	return "unknown"
}

func recvmsgInto(r request) reply {
	nonblocking := r.TimeoutMS != nil && *r.TimeoutMS == 0
	if r.Ancbufsize < 0 {
		return reply{"unsupported": "arguments"} // a slice has no negative length
	}
	storages, parts, err := makeBuffers(r.Buffers)
	if err != nil {
		log.Fatalf("%v in the buffers of request %d", err, r.ID)
	}
	result := receive(r, nonblocking, parts)
	reported := make([]string, len(storages))
	for i, storage := range storages {
		reported[i] = hex.EncodeToString(storage)
	}
	result["buffers"] = reported
	return result
}

func receiveByUnix(r request, nonblocking bool, parts [][]byte) reply {
	if r.TimeoutMS != nil && !nonblocking {
		return reply{"unsupported": "timeout"}
	}
	_ = unix.SetNonblock(r.FD, nonblocking) // what is wrong with the descriptor is for the call itself to say
	oob := make([]byte, r.Ancbufsize)
	n, oobn, flags, from, err := unix.RecvmsgBuffers(r.FD, parts, oob, r.Flags)
	if err != nil {
		return failure(fmt.Sprintf("%T", err), err)
	}
	address, err := reportAddress(from)
	if err != nil {
		return failure("error", err)
	}
	return reply{"nbytes": n, "ancdata": items(cut(oob, oobn)), "msg_flags": flags, "address": address}
}

// cut returns what was received of oob. The count is the kernel's, which may be more.
func cut(oob []byte, count int) []byte {
	if count > len(oob) {
		return oob
	}
	return oob[:count]
}

// items parses them one by one: ParseSocketControlMessage gives nothing at all where one of them is malformed.
func items(rest []byte) [][3]any {
	ancdata := [][3]any{}
	for len(rest) >= unix.CmsgLen(0) {
		header, data, remainder, err := unix.ParseOneSocketControlMessage(rest)
		if err != nil {
			break
		}
		ancdata = append(ancdata, [3]any{header.Level, header.Type, hex.EncodeToString(data)})
		rest = remainder
	}
	return ancdata
}

func failure(class string, err error) reply {
	var number any // null, unless the system gave one
	var errno unix.Errno
	if errors.As(err, &errno) {
		number = int(errno)
	}
	return reply{"error": reply{"class": class, "errno": number, "message": err.Error()}}
}

// makeBuffers returns the storages, one for each entry (empty where the entry is a part of an earlier storage), and the
// parts of them to receive into.
func makeBuffers(entries []bufferEntry) (storages, parts [][]byte, err error) {
	for i, entry := range entries {
		fill := []byte{0xee}
		if entry.Fill != nil {
			if fill, err = hex.DecodeString(*entry.Fill); err != nil {
				return nil, nil, err
			}
		}
		storages = append(storages, bytes.Repeat(fill, entry.Size/len(fill)+1)[:entry.Size])
		storage := storages[i]
		if entry.Storage != nil {
			storage = storages[*entry.Storage]
		}
		to := len(storage)
		if entry.To != nil {
			to = *entry.To
		}
		parts = append(parts, storage[entry.From:to])
	}
	return storages, parts, nil
}

// reportAddress returns from in the protocol's form.
func reportAddress(from unix.Sockaddr) (any, error) {
	switch a := from.(type) {
	case nil:
		return nil, nil
	case *unix.SockaddrUnix:
		// x/sys writes the leading zero of an abstract name as '@'. The pathname "@name", which only a relative
		// path can be, looks the same; it is the rarer of the two.
		name := []byte(a.Name)
		if len(name) > 0 && name[0] == '@' {
			name[0] = 0
		}
		return reply{"family": unix.AF_UNIX, "path": hex.EncodeToString(name)}, nil
	case *unix.SockaddrInet4:
		return reply{"family": unix.AF_INET, "host": netip.AddrFrom4(a.Addr).String(), "port": a.Port}, nil
	case *unix.SockaddrInet6:
		// x/sys does not tell flowinfo.
		return reply{"family": unix.AF_INET6, "host": netip.AddrFrom16(a.Addr).String(), "port": a.Port,
			"flowinfo": 0, "scope_id": a.ZoneId}, nil
	case *unix.SockaddrNetlink:
		raw := unix.RawSockaddrNetlink{Pad: a.Pad, Pid: a.Pid, Groups: a.Groups}
		afterFamily := (*[unix.SizeofSockaddrNetlink]byte)(unsafe.Pointer(&raw))[unsafe.Sizeof(raw.Family):]
		return reply{"family": unix.AF_NETLINK, "raw": hex.EncodeToString(afterFamily)}, nil
	case *unix.SockaddrLinklayer:
		raw := unix.RawSockaddrLinklayer{Protocol: a.Protocol, Ifindex: int32(a.Ifindex), Hatype: a.Hatype,
			Pkttype: a.Pkttype, Halen: a.Halen, Addr: a.Addr}
		afterFamily := (*[unix.SizeofSockaddrLinklayer]byte)(unsafe.Pointer(&raw))[unsafe.Sizeof(raw.Family):]
		return reply{"family": unix.AF_PACKET, "raw": hex.EncodeToString(afterFamily)}, nil
	}
	return nil, fmt.Errorf("this adapter has no form for %T", from)
}
