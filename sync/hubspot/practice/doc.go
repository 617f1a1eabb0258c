// Package practice is a HubSpot portal in one process: the stage on which a
// newcomer tries Syncline, and the double against which everything else is
// tested. It answers the public CRM API's routes with HubSpot's bodies,
// statuses, headers, limits and quirks, and is as strict as HubSpot.
//
// A Portal is an http.Handler for real sockets, and Transport gives an
// http.RoundTripper without any, which also works in a testing/synctest
// bubble. Everything random (ids, delays, faults) comes from one seed.
//
// Where HubSpot's behaviour is not known for certain, a field of Switches
// chooses it; the zero value is the documented or the reported behaviour.
package practice
