using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An OCI layout in a folder, new or one that has images already. Blobs appear whole under their digests; the index is
/// replaced at the end.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FolderLayoutWriter : ILayoutWriter
{
    private const UnixFileMode DirectoryMode = SmallFile.Readable
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _folder;
    private readonly MadeDirectories _made = new();
    private readonly List<string> _written = [];
    private bool _isCommitted;

    public FolderLayoutWriter(string folder, Limits limits)
    {
        _folder = Path.GetFullPath(folder);
        string index = PathOf(OciLayout.IndexName);
        if (FilePath.IsFile(index))
        {
            byte[] json = SmallFile.ReadBytes(index, limits.ManifestBytes);
            Index = Naming.Of(index, () => Manifest.ParseIndex(json, limits)) as ImageIndex
                ?? throw new MalformedDataException(Fault.ImageArchive, 0, $"{index}: is not an index");
        }
    }

    public ImageIndex? Index { get; }

    public bool Contains(Digest digest) => FilePath.IsFile(PathOf(OciLayout.BlobName(digest)));

    public void Write(Digest digest, ReadOnlySpan<byte> content)
    {
        if (Contains(digest))
        {
            return;
        }

        using NewFile file = Create(PathOf(OciLayout.BlobName(digest)), out string temporary);
        try
        {
            file.Write(content);
            Publish(file, temporary, digest);
        }
        finally
        {
            Drop(temporary);
        }
    }

    public async Task WriteAsync(Digest digest, long length, Func<Stream, Task> write)
    {
        if (!Contains(digest))
        {
            await WriteAsync(write).ConfigureAwait(false);
        }
    }

    public async Task<(Digest Digest, long Length)> WriteAsync(Func<Stream, Task> write)
    {
        NewFile file = Create(_folder, out string temporary);
        try
        {
            await using (file.ConfigureAwait(false))
            {
                var measured = new MeasuringStream(file);
                await using (measured.ConfigureAwait(false))
                {
                    await write(measured).ConfigureAwait(false);
                    Digest digest = measured.FinishDigest();
                    Publish(file, temporary, digest);
                    return (digest, measured.Length);
                }
            }
        }
        finally
        {
            Drop(temporary);
        }
    }

    public void Commit(ImageIndex index, IReadOnlyList<DockerManifestItem> images)
    {
        _made.Ensure(_folder, DirectoryMode);
        string layout = PathOf(OciLayout.LayoutName);
        if (!FilePath.IsFile(layout))
        {
            AtomicFile.Replace(layout, Encoding.ASCII.GetBytes(OciLayout.Version));
        }

        AtomicFile.Replace(PathOf(OciLayout.IndexName), index.Bytes.Span);
        _isCommitted = true;
    }

    public ValueTask DisposeAsync()
    {
        if (!_isCommitted)
        {
            _written.ForEach(File.Delete);
            _made.Undo();
        }

        return ValueTask.CompletedTask;
    }

    private NewFile Create(string shown, out string temporary)
    {
        string name = $".tmp-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        temporary = Path.Combine(_folder, "blobs", "sha256", name);
        _made.Ensure(Path.GetDirectoryName(temporary)!, DirectoryMode);
        return NewFile.Create(temporary, shown, SmallFile.Readable);
    }

    private void Publish(NewFile file, string temporary, Digest digest)
    {
        string target = PathOf(OciLayout.BlobName(digest));
        bool isNew = !FilePath.IsFile(target);
        file.FlushToDisk();
        _made.Ensure(Path.GetDirectoryName(target)!, DirectoryMode);
        AtomicFile.Publish(temporary, target);
        if (isNew)
        {
            _written.Add(target);
        }
    }

    private static void Drop(string temporary)
    {
        if (FilePath.IsFile(temporary))
        {
            File.Delete(temporary);
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
