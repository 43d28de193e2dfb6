using System.Runtime.Versioning;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Verification.Internal;

namespace Blobs.ContainersStorage;

/// <summary>Verifies images: each document against the record, manifest and config against the id and the layers. The store's
/// locks are held.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StoredImageVerifier(VerifyRun run, StoreState state)
{
    private readonly Dictionary<string, string> _names = [];

    public void Verify(StoredImage image)
    {
        foreach (string name in image.Names.Where(name => !_names.TryAdd(name, image.Id)))
        {
            run.Find(state.Paths.ImagesFile, $"gives the name {name} to two images, {_names[name]} and {image.Id}");
        }

        foreach (string item in image.Items)
        {
            VerifyItem(image, item);
        }

        if (!image.Items.Contains(ImageRecord.ManifestItem))
        {
            run.Find(state.Paths.ImagesFile, $"names no manifest of image {image.Id}, without which podman lists no image at all");
            return;
        }

        string path = state.Paths.Item(image.Id, ImageRecord.ManifestItem);
        if (run.Read(path, run.Limits.ManifestBytes) is { } bytes)
        {
            run.Try(path, () => VerifyManifest(image, Manifest.Parse(bytes, null, run.Limits)));
        }
    }

    private void VerifyItem(StoredImage image, string item)
    {
        string path = state.Paths.Item(image.Id, item);
        if (run.Hash(path, DigestAlgorithm.Sha256) is not { } found)
        {
            return;
        }

        if (image.ItemDigests.GetValueOrDefault(item) is { } recorded && recorded != $"{found}")
        {
            run.Find(path, $"has the digest {found}, and the record says {Shown(recorded)}");
        }

        // The names of configs and of manifests contain their digests.
        if (item.IndexOf("sha256:", StringComparison.Ordinal) is >= 0 and int at && item[at..] != $"{found}")
        {
            run.Find(path, $"has the digest {found}, and is called {Shown(item)}");
        }

        long length = FileStatus.TryGet(path, out FileStatus status) == Errno.None ? status.Length : -1;
        if (image.ItemSizes.TryGetValue(item, out long size) && size != length)
        {
            run.Find(path, $"is {length} bytes long, and the record says {size}");
        }
    }

    // A manifest list has no config and no layers.
    private void VerifyManifest(StoredImage image, Manifest document)
    {
        if (document is not ImageManifest manifest)
        {
            return;
        }

        string path = state.Paths.Item(image.Id, $"{manifest.Config.Digest}");
        if (!FilePath.IsFile(path))
        {
            run.Find(path, $"is missing: it is the config of image {image.Id}");
            return;
        }

        if (run.Read(path, run.Limits.ConfigBytes) is not { } bytes)
        {
            return;
        }

        ImageConfig config = ErrorContext.Run($"image {image.Id}", () => ImageConfig.Parse(bytes, run.Limits));
        if (manifest.Config.Digest.Hex != image.Id)
        {
            run.Find(state.Paths.ImagesFile, $"has an image {image.Id} whose config is {manifest.Config.Digest}");
        }

        DiffId?[] layers = [.. state.Chain(image.TopLayer).Select(layer => layer.DiffId)];
        if (!layers.SequenceEqual(config.DiffIds.Select(diffId => (DiffId?)diffId)))
        {
            run.Find(state.Paths.ImagesFile, $"has an image {image.Id} whose layers are not those that its config names");
        }
    }

    private static string Shown(string text) => Printable.Quote(System.Text.Encoding.UTF8.GetBytes(text));
}
