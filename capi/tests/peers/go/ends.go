// Command ends is one end of an encrypted connection, on crypto/tls: see ../README.md. As
// "echo" it answers whoever comes, for ever.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	piece    = 65536
	patience = 30 * time.Second
)

var (
	role    string
	options = map[string]string{}
	total   int
	names   = map[uint16]string{tls.VersionTLS12: "1.2", tls.VersionTLS13: "1.3"}
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return value
}

func config() *tls.Config {
	c := &tls.Config{ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	if name, ok := options["name"]; ok {
		c.ServerName = name
	}
	pool := x509.NewCertPool()
	if name, ok := options["authority"]; ok {
		pool.AppendCertsFromPEM(must(os.ReadFile(name)))
	}
	c.RootCAs, c.ClientCAs = pool, pool
	if name, ok := options["certificate"]; ok {
		c.Certificates = []tls.Certificate{must(tls.LoadX509KeyPair(name, options["key"]))}
	}
	for number, version := range names {
		if options["tls"] == version {
			c.MinVersion, c.MaxVersion = number, number
		}
	}
	if list, ok := options["alpn"]; ok {
		c.NextProtos = strings.Split(list, ",")
	}
	if options["ask"] != "" {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c
}

// send writes all there is to send, and says what it was.
func send(c *tls.Conn) error {
	random := rand.New(rand.NewPCG(uint64(total), uint64(len(role))))
	data := make([]byte, piece)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	sum := uint32(0)
	for sent := 0; sent < total; {
		part := data[:min(piece, total-sent)]
		part[0] = byte(sent / piece)
		n, err := c.Write(part)
		sum = crc32.Update(sum, crc32.IEEETable, part[:n])
		sent += n
		if err != nil {
			return err
		}
	}
	fmt.Println("sent", total, sum)
	return nil
}

// receive reads all there is to be received, and says what it was.
func receive(c *tls.Conn) error {
	sum, data := crc32.NewIEEE(), make([]byte, piece)
	for received := 0; received < total; {
		n, err := c.Read(data[:min(piece, total-received)])
		sum.Write(data[:n])
		received += n
		if err != nil && received < total { // the last may come with the end
			return err
		}
	}
	fmt.Println("received", total, sum.Sum32())
	return nil
}

// end ends the connection, or waits for its end.
func end(plain net.Conn, c *tls.Conn) {
	who := options["end"]
	switch {
	case who == "abort" && role == "client":
		plain.(*net.TCPConn).SetLinger(0)
		plain.Close()
		return
	case who == "both" || who == role || who == "" && role == "client":
		c.CloseWrite()
	}
	_, err := c.Read(make([]byte, 1))
	if err == io.EOF {
		fmt.Println("end clean")
	} else {
		fmt.Println("end cut")
	}
	c.Close()
}

func startTLS(plain net.Conn) error {
	wanted := "STARTTLS\n"
	if role == "client" {
		io.WriteString(plain, wanted)
		wanted = "GO\n"
	}
	line := make([]byte, len(wanted))
	if _, err := io.ReadFull(plain, line); err != nil || string(line) != wanted {
		return errors.Join(err, fmt.Errorf("it said %q", line))
	}
	if role == "server" {
		io.WriteString(plain, "GO\n")
	}
	return nil
}

func talk(plain net.Conn, config *tls.Config) error {
	defer plain.Close()
	plain.SetDeadline(time.Now().Add(patience))
	if options["starttls"] != "" {
		if err := startTLS(plain); err != nil {
			return err
		}
	}
	wrap := tls.Client
	if role == "server" {
		wrap = tls.Server
	}
	c := wrap(plain, config)
	if err := c.Handshake(); err != nil {
		return err
	}
	state := c.ConnectionState()
	fmt.Println("version", names[state.Version])
	if state.NegotiatedProtocol != "" {
		fmt.Println("alpn", state.NegotiatedProtocol)
	}
	if len(state.PeerCertificates) > 0 {
		fmt.Println("peer", state.PeerCertificates[0].Subject.CommonName)
	}
	fmt.Println("resumed", map[bool]string{true: "yes", false: "no"}[state.DidResume])
	sending := make(chan error, 1)
	go func() { sending <- send(c) }()
	err := receive(c)
	if err != nil {
		plain.Close()
	}
	if err := errors.Join(err, <-sending); err != nil {
		return err
	}
	end(plain, c)
	return nil
}

// echo answers one of many with what it says.
func echo(plain net.Conn, config *tls.Config) {
	go func() {
		defer plain.Close()
		c := tls.Server(plain, config)
		io.Copy(c, c)
	}()
}

func main() {
	role = os.Args[1]
	for _, word := range os.Args[2:] {
		name, value, _ := strings.Cut(word, "=")
		options[name] = value
	}
	count := 1
	if options["count"] != "" {
		count = must(strconv.Atoi(options["count"]))
	}
	if options["bytes"] != "" {
		total = must(strconv.Atoi(options["bytes"]))
	}
	config := config()
	next := func() (net.Conn, error) { return net.Dial("tcp", "127.0.0.1:"+options["port"]) }
	if role == "server" || role == "echo" {
		listener := must(net.Listen("tcp", "127.0.0.1:0"))
		fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
		next = listener.Accept
	}
	for role == "echo" {
		echo(must(next()), config)
	}
	for range count {
		if err := talk(must(next()), config); err != nil {
			fmt.Println("error", strings.ReplaceAll(err.Error(), "\n", "; "))
		}
	}
	fmt.Println("over")
}
