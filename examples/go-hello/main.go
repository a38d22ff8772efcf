// Command hello greets, and tells how little there is around it.
package main

import (
	"fmt"
	"os"
)

func main() {
	name := "world"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	fmt.Println(greeting(name))
	fmt.Printf("There are %d entries in my root folder.\n", entries("/"))
}
