//go:build ignore

// Generate writes the sample workbook into the folder it stands in:
//
//	go run assets/sample/generate.go
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"syncline/assets/internal/billing"
)

func main() {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		fmt.Fprintln(os.Stderr, "generate: cannot tell where this file is")
		os.Exit(1)
	}
	path := filepath.Join(filepath.Dir(here), "Billing customers.xlsx")
	if err := billing.Write(path); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
	fmt.Println(path, billing.Total, "rows")
}
