namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>What a client sends next.</summary>
/// <param name="IsManifest">A PUT of a manifest; else the blob is asked for or committed.</param>
/// <param name="Index">Which manifest or blob of the scenario.</param>
internal readonly record struct ClientStep(bool IsManifest, int Index)
{
    public static ClientStep Blob(int index) => new(false, index);

    public static ClientStep Manifest(int index) => new(true, index);
}
