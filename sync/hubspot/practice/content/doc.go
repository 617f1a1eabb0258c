// Package content is what the practice portal contains: the definitions that
// every portal comes with (properties, groups, pipelines, owners), a few that a
// team made for itself, and generated records that look like those of a
// software company with customers in twenty-odd countries.
//
// Nothing here answers requests; the parent package does. Every function
// returns fresh values that the caller may change, and all are safe for
// concurrent use.
package content
