using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Fuzz.Targets;

/// <summary>Archives of docker save: the manifest and the configs it names.</summary>
internal sealed class DockerArchiveTarget : IFuzzTarget
{
    public string Name => "dockerarchive";

    public bool IsJson => true;

    public void Run(ReadOnlySpan<byte> input)
    {
        using var files = new Documents(input, DockerArchive.ManifestName, digest => $"{digest}");
        foreach (ArchivedImage image in DockerArchive.TryRead(files, Limits.Default) ?? [])
        {
            FindingException.ThrowIf(image.LayerNames.Count != image.Config.DiffIds.Count, "layers and diff ids are not paired");
            DocumentUses.Of(image);
        }
    }
}
