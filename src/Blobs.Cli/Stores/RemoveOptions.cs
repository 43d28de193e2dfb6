namespace Blobs.Cli.Stores;

/// <summary>How to remove an image.</summary>
/// <param name="IsForced">Also an image that stopped containers use, or that has several names.</param>
/// <param name="KeepsParents">Whether untagged parent images stay.</param>
internal sealed record RemoveOptions(bool IsForced, bool KeepsParents);
