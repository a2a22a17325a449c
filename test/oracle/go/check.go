// Checks the tiles of a witness log, and proofs of entries, with the code the Go project checks its own
// checksum database with: golang.org/x/mod/sumdb. Nothing of ours takes part.
//
//	check VKEY TILES [ENTRY.tlog-proof LINE]...
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tiles struct{ folder string }

func (tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(wanted))
	for i, tile := range wanted {
		// the same layout without the height in the path
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		all[i] = data
	}
	return all, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Println("NOT VALID:", err)
		os.Exit(1)
	}
}

func checkpoint(signed []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		must(fmt.Errorf("the checkpoint is of %q", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func entry(folder string, index, size int64) []byte {
	tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: 256}
	if rest := size - tile.N*256; rest < 256 {
		tile.W = int(rest)
	}
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	bundle, err := os.ReadFile(filepath.Join(folder, path))
	must(err)
	for at := int64(0); ; at++ {
		if len(bundle) < 2 {
			must(fmt.Errorf("entry %d is not in %s", index, path))
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if at == index%256 {
			return bundle[2 : 2+length]
		}
		bundle = bundle[2+length:]
	}
}

func checkProof(file, line string, verifier note.Verifier) {
	text, err := os.ReadFile(file)
	must(err)
	head, signed, found := bytes.Cut(text, []byte("\n\n"))
	if !found {
		must(fmt.Errorf("%s is no proof", file))
	}
	tree := checkpoint(signed, verifier)
	index := int64(-1)
	var proof tlog.RecordProof
	for _, one := range strings.Split(string(head), "\n")[1:] {
		if strings.HasPrefix(one, "extra ") {
			continue
		}
		if strings.HasPrefix(one, "index ") {
			index, err = strconv.ParseInt(one[len("index "):], 10, 64)
			must(err)
			continue
		}
		hash, err := tlog.ParseHash(one)
		must(err)
		proof = append(proof, hash)
	}
	bytes, err := os.ReadFile(line)
	must(err)
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(bytes)))
	fmt.Printf("entry %d is in the tree of %d\n", index, tree.N)
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must(err)
	folder := os.Args[2]
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	tree := checkpoint(signed, verifier)
	reader := tlog.TileHashReader(tree, tiles{folder})
	root, err := tlog.TreeHash(tree.N, reader)
	must(err)
	if root != tree.Hash {
		must(fmt.Errorf("the tiles have another root"))
	}
	for index := int64(0); index < tree.N; index++ {
		line := entry(folder, index, tree.N)
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(line)))
	}
	for before := int64(1); before <= tree.N; before += 1 + tree.N/50 {
		old, err := tlog.TreeHash(before, reader)
		must(err)
		proof, err := tlog.ProveTree(tree.N, before, reader)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, before, old))
	}
	fmt.Printf("VALID: %d entries, each proved under the signed root\n", tree.N)
	for rest := os.Args[3:]; len(rest) >= 2; rest = rest[2:] {
		checkProof(rest[0], rest[1], verifier)
	}
}
