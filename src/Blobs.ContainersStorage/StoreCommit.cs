using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>
/// Makes an image visible, in the library's order: records that say "incomplete", trees and recordings, the image's
/// documents, complete records, the image's record. A crash leaves incomplete layers, which the next process of any
/// program removes, or complete layers without an image, which the next pull uses.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StoreCommit(StoreSession session, StagedImage staged)
{
    private readonly IReadOnlyList<string> _ids = staged.IdsIn(session.State);
    private readonly List<string> _new = [];

    private StoreState State => session.State;

    private ImageConfig Config => staged.Image.Config;

    public TakenImage Run(IReadOnlyList<ImageReference> names)
    {
        try
        {
            AddLayers();
            ImageManifest manifest = Manifest();
            bool isNew = !State.Images.Exists(one => one.Id == Config.Id.Hex);
            StoredImage image = AddImage(manifest);
            WriteItems(image, manifest, isNew);
            FlushLayers();
            CompleteLayers();
            IReadOnlyList<KeyValuePair<string, string>> renamed = session.Rename(image, [.. names.Select(name => $"{name}")]);
            session.SaveImages();
            return new TakenImage
            {
                Id = Config.Id,
                Names = names,
                Manifest = manifest.Digest,
                LayerCount = _ids.Count,
                NewLayers = _new.Count,
                Renamed =
                [
                    .. renamed.Select(item => KeyValuePair.Create(
                        ImageReference.Parse(item.Key), Digest.Parse($"sha256:{item.Value}"))),
                ],
            };
        }
        catch
        {
            TakeBack();
            throw;
        }
    }

    private void AddLayers()
    {
        for (int i = 0; i < _ids.Count; i++)
        {
            if (State.TryGetLayer(_ids[i]) is { } existing)
            {
                Check(existing, Config.DiffIds[i]);
                continue;
            }

            State.Layers.Add(LayerRecord.New(_ids[i], ParentOf(i), staged.TryGet(i)!));
            _new.Add(_ids[i]);
        }

        if (_new.Count == 0)
        {
            return;
        }

        session.SaveLayers();
        for (int i = 0; i < _ids.Count; i++)
        {
            if (_new.Contains(_ids[i]))
            {
                staged.TryGet(i)!.Publish(_ids[i], ParentOf(i));
            }
        }
    }

    // And the documents of the image. Usually both are on one file system, and the second call has nothing to do.
    private void FlushLayers()
    {
        if (_new.Count > 0 && session.IsDurable)
        {
            DurableDirectory.FlushFileSystem(session.Paths.Overlay);
            DurableDirectory.FlushFileSystem(session.Paths.Images);
        }
    }

    private void CompleteLayers()
    {
        if (_new.Count == 0)
        {
            return;
        }

        for (int i = 0; i < State.Layers.Count; i++)
        {
            if (_new.Contains(State.Layers[i].Id))
            {
                State.Layers[i] = LayerRecord.Complete(State.Layers[i]);
            }
        }

        session.SaveLayers();
    }

    private StoredImage AddImage(ImageManifest manifest)
    {
        string? top = _ids.Count > 0 ? _ids[^1] : null;
        StoredImage? existing = State.Images.Find(one => one.Id == Config.Id.Hex);
        if (existing is not null && existing.TopLayer != top)
        {
            throw new StoreException(
                session.Paths.ImagesFile, $"image {existing.Id}: is in the store with other layers, or damaged; remove it first");
        }

        StoredImage image = existing is null
            ? ImageRecord.New(Config, manifest, top)
            : ImageRecord.WithManifest(existing, manifest);
        session.Replace(image, image);
        return image;
    }

    // Those of an image that the store has must be whole at any time; others are flushed together with the layers.
    private void WriteItems(StoredImage image, ImageManifest manifest, bool isNew)
    {
        bool isDurable = session.IsDurable && !(isNew && _new.Count > 0);
        session.WriteItem(image.Id, $"{Config.Id}", Config.Bytes.Span, isDurable);
        session.WriteItem(image.Id, ImageRecord.ItemOf(manifest.Digest), manifest.Bytes.Span, isDurable);
        session.WriteItem(image.Id, ImageRecord.ManifestItem, manifest.Bytes.Span, isDurable);
    }

    // An image from a source without manifests gets one that describes the uncompressed layers.
    private ImageManifest Manifest()
    {
        if (staged.Image.Manifest is { } own)
        {
            return own;
        }

        ManifestFormat format = staged.Image.Format ?? ManifestFormat.Oci;
        var config = new Descriptor { MediaType = MediaTypes.ConfigIn(format), Digest = Config.Id, Size = Config.Bytes.Length };
        Descriptor[] layers = [.. _ids.Select((id, index) => new Descriptor
        {
            MediaType = LayerTypes.Of(CompressionKind.None, format)!,
            Digest = Config.DiffIds[index].ToDigest(),
            Size = State.Layers.Find(layer => layer.Id == id)!.TarLength ?? staged.Image.Layers[index].GetLength() ?? 0,
        })];
        return ManifestWriter.Image(
            format == ManifestFormat.Oci ? MediaTypes.OciManifest : MediaTypes.DockerManifest,
            config,
            layers,
            staged.Image.Annotations);
    }

    private string? ParentOf(int index) => index == 0 ? null : _ids[index - 1];

    private static void Check(StoredLayer existing, DiffId expected)
    {
        if (existing.DiffId != expected)
        {
            throw new DigestMismatchException($"layer {existing.Id}: DiffID", $"{expected}", $"{existing.DiffId}", 0);
        }
    }

    // The caller should see why the image failed. What stays is incomplete, and the next process removes it.
    private void TakeBack()
    {
        try
        {
            session.RemoveLayers([.. Enumerable.Reverse(_new)]);
            if (!StoreRecords.ReadImages(session.Paths.ImagesFile).Exists(image => image.Id == Config.Id.Hex))
            {
                TreeRemover.Remove(session.Paths.ImageItems(Config.Id.Hex));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or BlobsException)
        {
        }
    }
}
