// Package look holds Syncline's visual language: every colour, size, face and
// icon, and the meanings that carry colour. Nothing else in the program names a
// colour or a font.
//
// A widget reads its colours with [Color] each time it refreshes and never keeps
// them, so that switching between dark and light reaches every part. All
// functions belong to the UI goroutine, except [Contrast] and the icon cache,
// which are safe anywhere.
package look
