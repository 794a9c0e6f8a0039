// Contestants of the benches that are written in Go. What one is asked stands as JSON on a line of its
// stdin, the answer on a line of its stdout; ../conversation.ts is the other side, ../registry-child.ts,
// ../hot-path-child.ts and ../memory-child.ts are the same for Node.js.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
)

type setting struct {
	Library string `json:"library"`
	// What the process is for: "registry", "hot-path", "memory" or "decode".
	Role    string `json:"role"`
	Mix     string `json:"mix"`
	Series  int    `json:"series"`
	Changed string `json:"changed"`
	Format  string `json:"format"`
	// Of the hot path.
	Case string `json:"case"`
}

type ask struct {
	Do    string `json:"do"`
	Round int    `json:"round"`
	File  string `json:"file"`
}

func main() {
	log.SetFlags(0)
	var s setting
	if err := json.Unmarshal([]byte(strings.Join(os.Args[1:], " ")), &s); err != nil {
		log.Fatal(err)
	}
	answer := map[string]func(setting) func(ask) any{
		"registry": answerRegistry,
		"hot-path": answerHotPath,
		"memory":   answerMemory,
		"decode":   answerDecode,
	}[s.Role](s)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var a ask
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			log.Fatal(err)
		}
		value, err := json.Marshal(map[string]any{"value": answer(a)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", value)
	}
}
