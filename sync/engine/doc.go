// Package engine carries out a sync: it pulls both sides, matches rows and
// records, compares them with what they last agreed on, makes a plan, and
// applies it so that nothing is lost when it is interrupted anywhere.
//
// The promise, per field: at every moment each side holds its old value or one
// that a person or a named policy chose, and the workspace describes exactly
// the fields that were made equal.
//
// The walk of a run:
//
//	guard in   lease, portal, schema; operations of unknown outcome are settled first   guardin.go, recover.go
//	pull       both sides into the workspace as observations                          pull.go
//	match      rows without a link find their record, one to one or not at all         (store.MatchRows)
//	plan       observations against bases, through merge, into frozen items            plan.go, resolve.go
//	apply      intent committed, sent, outcome committed                               apply.go, creates.go, updates.go, sourcewrite.go
//	verify     a sample is read back with its history                                  verify.go
//	end        the watermark moves last                                                engine.go
//
// Work is derived anew in each run; the journal counts only for operations
// whose answer never came.
package engine
