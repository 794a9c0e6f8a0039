// Reads doubles (little-endian) from stdin and formats each as client_golang does, a line each.
// `go-numbers hash N` prints the SHA-256 of every N lines, `go-numbers text N` the lines.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
)

func main() {
	blockSize, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	values := make([]byte, 8*blockSize)
	var lines []byte
	for {
		n, err := io.ReadFull(input, values)
		if err == io.EOF {
			return
		}
		if err != nil && err != io.ErrUnexpectedEOF {
			panic(err)
		}
		lines = lines[:0]
		for at := 0; at < n; at += 8 {
			value := math.Float64frombits(binary.LittleEndian.Uint64(values[at:]))
			if value == 0 {
				value = 0 // Not minus zero, which expfmt writes without its sign.
			}
			lines = append(strconv.AppendFloat(lines, value, 'g', -1, 64), '\n')
		}
		if os.Args[1] == "text" {
			output.Write(lines)
		} else {
			fmt.Fprintf(output, "%x\n", sha256.Sum256(lines))
		}
	}
}
