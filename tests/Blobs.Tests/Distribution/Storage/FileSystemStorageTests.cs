using System.Buffers;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Storage;

/// <summary>Tests file storage with the default durability.</summary>
public sealed class FileSystemStorageTests : FileSystemStorageContract
{
    private protected override Durability Durability => Durability.Commit;

    [Fact]
    public async Task A_link_that_another_program_wrote_in_place_is_seen_at_once()
    {
        // docker-registry 2.x truncates the file and writes it again, with the same length.
        string path = Path.Combine(Root, "docker/registry/v2/repositories/a/_manifests/tags/t/current/link");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var tag = RegistryReference.OfTag("a", "t");
        for (int i = 0; i < 200; i++)
        {
            Digest target = Digest.OfSha256(Text($"{i}"));
            await File.WriteAllTextAsync(path, $"{target}");
            Assert.Equal(target, (await Storage.References.ReadAsync(tag))?.Target);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:0")]
    [InlineData(null)]
    public async Task A_link_that_was_never_finished_is_there_and_refers_to_nothing_and_can_be_replaced(string? content)
    {
        string path = Path.Combine(Root, "docker/registry/v2/repositories/a/_manifests/tags/t/current/link");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content ?? new string('a', 1000));
        var tag = RegistryReference.OfTag("a", "t");
        StoredReference found = (await Storage.References.ReadAsync(tag))!;
        Assert.Null(found.Target);
        Digest target = Digest.OfSha256("x"u8);
        Assert.False(await Storage.References.TryCreateAsync(tag, target));
        Assert.True(await Storage.References.TryReplaceAsync(tag, target, found.Version));
        Assert.Equal($"{target}", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_link_that_does_not_change_is_read_once()
    {
        string path = Path.Combine(Root, "docker/registry/v2/repositories/a/_manifests/tags/t/current/link");
        var tag = RegistryReference.OfTag("a", "t");
        await Storage.References.WriteAsync(tag, Digest.OfSha256("old"u8));
        await Task.Delay(3500);
        StoredReference? first = await Storage.References.ReadAsync(tag);
        StoredReference? second = await Storage.References.ReadAsync(tag);
        Assert.Equal(Digest.OfSha256("old"u8), first?.Target);
        Assert.Same(first, second);
        await File.WriteAllTextAsync(path, $"{Digest.OfSha256("new"u8)}");
        Assert.Equal(Digest.OfSha256("new"u8), (await Storage.References.ReadAsync(tag))?.Target);
    }

    [Fact]
    public async Task Everything_stands_where_docker_registry_looks_for_it()
    {
        Digest digest = Digest.OfSha256("x"u8);
        await Storage.Blobs.WriteAsync(digest, Text("x"));
        await Storage.References.TryCreateAsync(RegistryReference.ToBlob("a/b", digest), digest);
        await Storage.References.TryCreateAsync(RegistryReference.ToManifest("a/b", digest), digest);
        await Storage.References.TryCreateAsync(RegistryReference.OfTagHistory("a/b", "t", digest), digest);
        await Storage.References.WriteAsync(RegistryReference.OfTag("a/b", "t"), digest);
        await using IStoredUpload upload = await Storage.Uploads.BeginAsync("a/b", "1", new UploadStart(DateTimeOffset.UnixEpoch));
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Text("y")));
        await upload.SaveAsync(Text("state"));
        string root = Path.Combine(Root, "docker/registry/v2");
        Assert.Equal(
            [
                $"blobs/sha256/{digest.Hex[..2]}/{digest.Hex}/data",
                $"repositories/a/b/_layers/sha256/{digest.Hex}/link",
                $"repositories/a/b/_manifests/revisions/sha256/{digest.Hex}/link",
                "repositories/a/b/_manifests/tags/t/current/link",
                $"repositories/a/b/_manifests/tags/t/index/sha256/{digest.Hex}/link",
                "repositories/a/b/_uploads/1/data",
                "repositories/a/b/_uploads/1/hashstates/sha256/1",
                "repositories/a/b/_uploads/1/startedat",
            ],
            Directory.GetFiles(root, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_upload_that_cannot_be_opened_is_an_error_of_ours_and_one_that_is_taken_is_waited_for()
    {
        string data = Path.Combine(Root, "docker/registry/v2/repositories/a/_uploads/1/data");
        Task<IStoredUpload?> waiting;
        await using (await Storage.Uploads.BeginAsync("a", "1", new UploadStart(DateTimeOffset.UnixEpoch)))
        {
            waiting = Storage.Uploads.OpenAsync("a", "1").AsTask();
            Assert.False(waiting.IsCompleted);
            using var given = new CancellationTokenSource();
            Task impatient = Storage.Uploads.OpenAsync("a", "1", given.Token).AsTask();
            await given.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
            SystemCallException exists = await Assert.ThrowsAsync<SystemCallException>(
                async () => await Storage.Uploads.BeginAsync("a", "1", new UploadStart(DateTimeOffset.UnixEpoch)));
            Assert.Equal(("open", Errno.Exists, data), (exists.Call, exists.Errno, exists.Path));
        }

        await (await waiting)!.DisposeAsync();
        File.Delete(data);
        File.CreateSymbolicLink(data, "data");
        SystemCallException loop = await Assert.ThrowsAsync<SystemCallException>(
            async () => await Storage.Uploads.OpenAsync("a", "1"));
        Assert.Equal((Errno.TooManySymlinks, data), (loop.Errno, loop.Path));
    }

    [Fact]
    public async Task An_upload_on_a_full_disk_is_an_error_of_ours()
    {
        string data = Path.Combine(Root, "docker/registry/v2/repositories/a/_uploads/1/data");
        Directory.CreateDirectory(Path.GetDirectoryName(data)!);
        File.CreateSymbolicLink(data, "/dev/full");
        await using IStoredUpload upload = Assert.IsAssignableFrom<IStoredUpload>(
            await Storage.Uploads.OpenAsync("a", "1"));
        SystemCallException full = await Assert.ThrowsAsync<SystemCallException>(
            async () => await upload.AppendAsync(upload.Length, new ReadOnlySequence<byte>(new byte[1])));
        Assert.Equal(("write", data), (full.Call, full.Path));
        Assert.Contains("no space left on device", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_unfinished_is_left_beside_a_file()
    {
        var tag = RegistryReference.OfTag("a", "t");
        await Storage.References.WriteAsync(tag, Digest.OfSha256("x"u8));
        await Storage.References.WriteAsync(tag, Digest.OfSha256("y"u8));
        await Storage.References.TryCreateAsync(tag, Digest.OfSha256("z"u8));
        Assert.Single(Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
    }
}

/// <summary>Runs the contract tests without flushes.</summary>
public sealed class FileSystemStorageWithoutFlushTests : FileSystemStorageContract
{
    private protected override Durability Durability => Durability.None;
}

/// <summary>Runs the contract tests with every upload flushed as it grows.</summary>
public sealed class FileSystemStorageFullyFlushedTests : FileSystemStorageContract
{
    private protected override Durability Durability => Durability.Full;
}
