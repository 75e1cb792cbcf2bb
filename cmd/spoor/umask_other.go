//go:build !unix

package main

// keepPrivate relies on the access rights of the user's folders.
func keepPrivate() {}
