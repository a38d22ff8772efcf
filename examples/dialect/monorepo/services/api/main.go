// Says what it is.
package main

import (
	"fmt"
	"os"
)

func main() {
	_, err := os.Stat("/etc/ssl/certs/bundle.pem")
	fmt.Println("api, with certificates:", err == nil)
}
