package main

import (
	"fmt"
	"os"
	"runtime"
)

// greeting says hello to name.
func greeting(name string) string {
	return fmt.Sprintf("Hello, %s, from a %s/%s image.", name, runtime.GOOS, runtime.GOARCH)
}

// entries counts what is in a folder; a folder that can't be read has nothing.
func entries(folder string) int {
	list, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	return len(list)
}
