echo "hello, $(echo world)"
