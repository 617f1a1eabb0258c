package assets

import _ "embed"

//go:embed licences.txt
var licences string

// Licences is what everything that the program is made of asks to be shipped
// with it. make licences writes it.
func Licences() string { return licences }
