using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Verification.Internal;

namespace Blobs.Distribution.Verification;

/// <summary>What has to be true of the tags and manifests of a registry, wherever its store is.</summary>
/// <param name="run">Takes the findings.</param>
/// <param name="isThere">Whether a reference exists.</param>
/// <param name="lengthOf">The length of a blob; null when it does not exist.</param>
/// <param name="pathOf">The path of a blob, as findings name it.</param>
internal sealed class RegistryChecks(
    VerifyRun run, Func<RegistryReference, bool> isThere, Func<Digest, long?> lengthOf, Func<Digest, string> pathOf)
{
    /// <summary>Checks a tag: its manifest is one of the repository, and its history knows the manifest.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="path">The path of its link.</param>
    /// <param name="target">What its link contains.</param>
    public void CheckTag(string repository, string tag, string path, Digest target)
    {
        if (!isThere(RegistryReference.ToManifest(repository, target)))
        {
            run.Find(path, $"means {target}, which is not a manifest of {repository}");
        }

        if (!isThere(RegistryReference.OfTagHistory(repository, tag, target)))
        {
            run.Find(path, $"means {target}, which its history does not know");
        }
    }

    /// <summary>Checks a manifest: it can be parsed, and the repository has all that it refers to.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="path">The path of the manifest's blob.</param>
    /// <param name="bytes">The manifest.</param>
    public void CheckManifest(string repository, string path, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            Manifest manifest = Manifest.Parse(bytes, null, run.Limits);
            foreach (Descriptor reference in manifest.References)
            {
                CheckReference(repository, path, manifest, reference);
            }
        }
        catch (BlobsException) when (SchemaOne.FindLayers(bytes) is not null)
        {
            run.LeaveUnread(path, "is a manifest of schema 1: only its hash is looked at");
        }
        catch (BlobsException fault)
        {
            run.Note(path, fault);
        }
    }

    private void CheckReference(string repository, string path, Manifest manifest, Descriptor reference)
    {
        // An index refers to manifests, or to blobs: BuildKit's cache is an index of layers.
        bool exists = (manifest is ImageIndex && isThere(RegistryReference.ToManifest(repository, reference.Digest)))
            || isThere(RegistryReference.ToBlob(repository, reference.Digest));
        if (!exists)
        {
            if (manifest is ImageIndex || !RegistryStore.IsElsewhere(reference))
            {
                run.Find(path, $"names {reference.Digest}, which {repository} does not have");
            }
        }
        else if (lengthOf(reference.Digest) is { } length && length != reference.Size)
        {
            run.Find(pathOf(reference.Digest), $"is {length} bytes long, and {manifest.Digest} says {reference.Size}");
        }
    }
}
