namespace Blobs.Interop.Replay;

/// <summary>One state that a crash may leave: what had been done until then, without some of what nothing had synced.</summary>
/// <param name="Disk">What is on the disk.</param>
/// <param name="IsAfterTheEnd">The program had ended, and said that all was well.</param>
/// <param name="Text">What was lost, to people.</param>
internal sealed record CrashState(DiskState Disk, bool IsAfterTheEnd, string Text);
