//go:build darwin || freebsd

package local

import "golang.org/x/sys/unix"

// hasAbstract says that there are names that are no files: Linux alone has them.
const hasAbstract = false

// bindExactly gives the file its mode once it is made: that of the descriptor is none of
// the file's here, and the umask is the whole process's. Nobody can connect in between,
// since nobody listens yet. In a directory where others may remove our files they can put
// another one of ours in its place meanwhile; that it is a socket of ours is looked at.
func bindExactly(fd int, n Name, mode uint32) error {
	if err := n.bind(fd); err != nil {
		return err
	}
	var stat unix.Stat_t
	err := unix.Lstat(n.Text, &stat)
	if err == nil && !isOurs(&stat) {
		err = unix.EPERM
	}
	if err == nil {
		err = unix.Fchmodat(unix.AT_FDCWD, n.Text, mode, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err != nil {
		unmake(n.Text)
	}
	return err
}
