// Verifies a tiled log with golang.org/x/mod/sumdb, which knows nothing of ours: signatures, entries, proofs.
//
//	verify FOLDER VKEY...     the newest checkpoint, every entry, and proofs of both kinds; prints whose signatures hold
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner is a note.Verifier for timestamped Ed25519 cosignatures, which x/mod leaves to others.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) < 8 {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(head), msg...), sig[8:])
}

func verifier(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	blob, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if blob[0] == 4 {
		hash, err := strconv.ParseUint(parts[1], 16, 32)
		must(err)
		return &cosigner{parts[0], uint32(hash), blob[1:]}
	}
	known, err := note.NewVerifier(vkey)
	must(err)
	return known
}

// folder reads tiles where tlog-tiles puts them: without the height that x/mod has in its paths.
type folder string

func (f folder) Height() int                         { return 8 }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func entries(f folder, size int64) (all [][]byte) {
	for start := int64(0); start < size; start += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: start / 256, W: 256}
		if size-start < 256 {
			tile.W = int(size - start)
		}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		must(err)
		for len(data) > 0 {
			length := binary.BigEndian.Uint16(data)
			all, data = append(all, data[2:2+length]), data[2+length:]
		}
	}
	return all
}

func main() {
	log.SetFlags(0)
	from := folder(os.Args[1])
	text, err := os.ReadFile(filepath.Join(string(from), "checkpoint"))
	must(err)
	var known []note.Verifier
	for _, vkey := range os.Args[2:] {
		known = append(known, verifier(vkey))
	}
	opened, err := note.Open(text, note.VerifierList(known...))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, from)
	for index, entry := range entries(from, size) {
		proof, err := tlog.ProveRecord(size, int64(index), hashes)
		must(err)
		must(tlog.CheckRecord(proof, size, root, int64(index), tlog.RecordHash(entry)))
		old := int64(index) + 1
		before, err := tlog.TreeHash(old, hashes)
		must(err)
		grown, err := tlog.ProveTree(size, old, hashes)
		must(err)
		must(tlog.CheckTree(grown, size, root, old, before))
	}
	for _, sig := range opened.Sigs {
		fmt.Println("signed", sig.Name)
	}
	fmt.Println("size", size)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
