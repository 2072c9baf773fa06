package lease

import "unsafe"

// How what C lays out alike lies in memory. capi has the compiler compare it with C.
const (
	SizeofTerms    = unsafe.Sizeof(Terms{})
	OffsetFunction = unsafe.Offsetof(Terms{}.Function)
	OffsetHandle   = unsafe.Offsetof(Terms{}.Handle)
	OffsetUserData = unsafe.Offsetof(Terms{}.UserData)
	OffsetData     = unsafe.Offsetof(Terms{}.data)
	OffsetLeft     = unsafe.Offsetof(Terms{}.left)
	OffsetOut      = unsafe.Offsetof(Terms{}.out)
	OffsetRoom     = unsafe.Offsetof(Terms{}.room)
	OffsetStaged   = unsafe.Offsetof(Terms{}.staged)

	OffsetWord    = unsafe.Offsetof(round{}.word)
	OffsetCount   = unsafe.Offsetof(round{}.count)
	OffsetCurrent = unsafe.Offsetof(round{}.current)
	OffsetNext    = unsafe.Offsetof(round{}.next)
	OffsetEnd     = unsafe.Offsetof(round{}.end)
	OffsetTerms   = unsafe.Offsetof(round{}.terms)

	// What a round's word says: the states that C goes by, and where its number begins.
	None, Granted, InUse, StateBits = none, granted, inUse, states
)
