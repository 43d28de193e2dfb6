namespace Blobs.Tar;

/// <summary>A point in time as in tar and the kernel: seconds since 1970, and nanoseconds within that second.</summary>
/// <param name="Seconds">Whole seconds; negative before 1970.</param>
/// <param name="Nanoseconds">0 to 999,999,999, always counted forwards.</param>
public readonly record struct UnixTime(long Seconds, int Nanoseconds);
