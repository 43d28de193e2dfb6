namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>What a claim says; it is written once.</summary>
internal enum Claim : byte
{
    Nobody,
    Keep,
    Delete,
}
