// SPDX-License-Identifier: Apache-2.0

// The gateway that ours is compared with: what protoc-gen-grpc-gateway makes of echo.proto, served as its
// documentation shows it. Arguments: the address to listen on, the socket of the echo service.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	"google.golang.org/grpc"

	"lianqiao/echo"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: echogateway ADDRESS SOCKET")
	}
	mux := runtime.NewServeMux()
	dial := []grpc.DialOption{
		grpc.WithInsecure(),
		grpc.WithContextDialer(func(ctx context.Context, path string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", path)
		}),
	}
	err := echo.RegisterEchoServiceHandlerFromEndpoint(context.Background(), mux, os.Args[2], dial)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], mux))
}
