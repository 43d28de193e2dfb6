using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>Verifies the images of one storage driver: configs, metadata, names.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ImageVerifier(VerifyRun run)
{
    private readonly RootFiles _files = new(run);

    /// <summary>Verifies configs and metadata.</summary>
    /// <returns>The ids of all images, as hex digits.</returns>
    public HashSet<string> Verify(LayerStore store, string[] configs)
    {
        var ids = new HashSet<string>();
        foreach (string file in _files.Whole(configs))
        {
            ids.Add(Path.GetFileName(file));
            if (run.Read(file, run.Limits.ConfigBytes) is { } bytes)
            {
                VerifyConfig(store, file, bytes);
            }
        }

        foreach (string folder in _files.Folders(store.Context.Paths.AllMetadata))
        {
            run.Try(folder, () => VerifyMetadata(folder, ids));
        }

        return ids;
    }

    private void VerifyMetadata(string folder, HashSet<string> ids)
    {
        if (!ids.Contains(Path.GetFileName(folder)))
        {
            run.Find(folder, "is of an image that does not exist");
        }

        bool IsImage(string text) => Digest.TryParse(text, null, out Digest id) && ids.Contains(id.Hex);
        _files.IsLineIfThere(RootPaths.ParentFile(folder), IsImage, "is not an existing image");
        string updated = RootPaths.LastUpdatedFile(folder);
        if (FilePath.IsFile(updated))
        {
            _files.IsLine(updated, text => GoTime.TryParse(text, out _), "is not a time");
            run.LeaveUnread(updated, "is a time, which nothing else determines");
        }
    }

    private void VerifyConfig(LayerStore store, string file, byte[] bytes)
    {
        Digest found = Digest.OfSha256(bytes);
        if (found.Hex != Path.GetFileName(file))
        {
            run.Find(file, $"hashes to {found.Hex}");
            return;
        }

        try
        {
            RootPaths paths = store.Context.Paths;
            foreach (ChainId id in ImageConfig.Parse(bytes, run.Limits).ChainIds.Where(id => !FilePath.IsDirectory(paths.Layer(id))))
            {
                run.Find(file, $"needs layer {id}, which does not exist");
            }
        }
        catch (BlobsException fault)
        {
            run.Note(file, fault);
        }
    }

    /// <summary>Verifies that all names refer to images.</summary>
    public void VerifyNames(RootPaths paths, HashSet<string> ids)
    {
        if (!FilePath.IsFile(paths.Names) || run.Read(paths.Names, run.Limits.ConfigBytes) is not { } json)
        {
            return;
        }

        try
        {
            using GoDocument document = GoDocument.ParseFirst(json, "repositories.json", Fault.RootDocument);
            foreach ((string repository, IReadOnlyDictionary<string, string> names) in NameTable.Repositories(document.Root))
            {
                foreach ((string name, string image) in names)
                {
                    VerifyName(paths.Names, repository, name, image, ids);
                }
            }
        }
        catch (MalformedDataException fault)
        {
            run.Find(paths.Names, $"is not as dockerd writes it: {fault.Message}");
        }

        run.LeaveUnread(paths.Names, "was compared with the images; nothing else determines which tags they have");
    }

    private void VerifyName(string file, string repository, string name, string image, HashSet<string> ids)
    {
        bool isName = ImageReference.TryParse(name, out ImageReference? reference) && reference.FamiliarName == repository;
        if (!isName || (reference!.Tag is null && reference.Digest is null))
        {
            run.Find(file, $"has '{name}' below '{repository}'");
        }

        if (!Digest.TryParse(image, null, out Digest id) || !ids.Contains(id.Hex))
        {
            run.Find(file, $"'{name}' means {(image.Length > 0 ? image : "nothing")}, which is not an existing image");
        }
    }
}
