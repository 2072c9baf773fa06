// The echo server that is measured, with Go's package net: a goroutine and a
// buffer for each connection.
//
//	go_echo_server [-port PORT | -local PATH] [-sink]
//	go_echo_server [-port PORT] -certificate FILE -key FILE [-sink | -source]
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net"
)

const readSize = 64 * 1024

// serve echoes, unless it is to discard or to send without end.
func serve(connection net.Conn, sink, source bool) {
	defer connection.Close()
	buffer := make([]byte, readSize)
	for source {
		if _, err := connection.Write(buffer); err != nil {
			return
		}
	}
	for {
		n, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if sink {
			continue
		}
		if _, err := connection.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func main() {
	port := flag.Int("port", 0, "of 127.0.0.1; 0 for any that is free")
	local := flag.String("local", "", "path of a local socket, instead of a port")
	sink := flag.Bool("sink", false, "read, and answer nothing")
	source := flag.Bool("source", false, "send without end")
	certificate := flag.String("certificate", "", "file of the certificate: encrypt")
	key := flag.String("key", "", "file of its key")
	flag.Parse()

	network, address := "tcp", fmt.Sprintf("127.0.0.1:%d", *port)
	if *local != "" {
		network, address = "unix", *local
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		log.Fatal(err)
	}
	if *certificate != "" {
		pair, err := tls.LoadX509KeyPair(*certificate, *key)
		if err != nil {
			log.Fatal(err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Print(err)
			continue
		}
		go serve(connection, *sink, *source) // net has set TCP_NODELAY
	}
}
