// Command harbour says which processor it was compiled for.
package main

import (
	"os"
	"runtime"
)

func main() {
	os.Stdout.WriteString("moored on " + runtime.GOOS + "/" + runtime.GOARCH + "\n")
}
