using System.Buffers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Storage;

namespace Blobs.Tests.Storage;

/// <summary>Files on disk keep the promises, whatever has to be flushed.</summary>
public sealed class FileSystemStorageTests : FileSystemStorageContract
{
    private protected override Durability Durability => Durability.Commit;

    [Fact]
    public async Task A_link_that_another_program_wrote_in_place_is_seen_at_once()
    {
        // docker-registry 2.x truncates and writes, same length and all.
        string path = Path.Combine(Root, "docker/registry/v2/repositories/a/link");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (int i = 0; i < 200; i++)
        {
            await File.WriteAllTextAsync(path, $"{i:000}");
            Assert.Equal($"{i:000}", Text(await Storage.ReadAsync("repositories/a/link", 10)));
        }
    }

    [Fact]
    public async Task A_file_that_does_not_change_is_read_once()
    {
        string path = Path.Combine(Root, "docker/registry/v2/repositories/a/link");
        await Storage.WriteAsync("repositories/a/link", Text("old"));
        await Task.Delay(3500);
        Assert.Equal("old", Text(await Storage.ReadAsync("repositories/a/link", 10)));
        ReadOnlyMemory<byte>? first = await Storage.ReadAsync("repositories/a/link", 10);
        ReadOnlyMemory<byte>? second = await Storage.ReadAsync("repositories/a/link", 10);
        Assert.True(first!.Value.Equals(second!.Value));
        await File.WriteAllTextAsync(path, "new");
        Assert.Equal("new", Text(await Storage.ReadAsync("repositories/a/link", 10)));
    }

    [Fact]
    public async Task An_upload_that_cannot_be_opened_is_an_error_of_ours_and_one_that_is_taken_another()
    {
        string data = Path.Combine(Root, "docker/registry/v2/repositories/a/_uploads/1/data");
        string folder = Path.GetDirectoryName(data)!;
        await using (await Storage.CreateUploadAsync("repositories/a/_uploads/1", DateTimeOffset.UnixEpoch))
        {
            StoreException taken = await Assert.ThrowsAsync<StoreException>(
                async () => await Storage.OpenUploadAsync("repositories/a/_uploads/1"));
            Assert.Equal($"{folder}: another process is writing to this upload", taken.Message);
            SystemCallException exists = await Assert.ThrowsAsync<SystemCallException>(
                async () => await Storage.CreateUploadAsync("repositories/a/_uploads/1", DateTimeOffset.UnixEpoch));
            Assert.Equal(("open", Errno.Exists, data), (exists.Call, exists.Errno, exists.Path));
        }

        File.Delete(data);
        File.CreateSymbolicLink(data, "data");
        SystemCallException loop = await Assert.ThrowsAsync<SystemCallException>(
            async () => await Storage.OpenUploadAsync("repositories/a/_uploads/1"));
        Assert.Equal((Errno.TooManySymlinks, data), (loop.Errno, loop.Path));
    }

    [Fact]
    public async Task An_upload_on_a_full_disk_is_an_error_of_ours()
    {
        string data = Path.Combine(Root, "docker/registry/v2/repositories/a/_uploads/1/data");
        Directory.CreateDirectory(Path.GetDirectoryName(data)!);
        File.CreateSymbolicLink(data, "/dev/full");
        await using IStoredUpload upload = Assert.IsAssignableFrom<IStoredUpload>(
            await Storage.OpenUploadAsync("repositories/a/_uploads/1"));
        SystemCallException full = await Assert.ThrowsAsync<SystemCallException>(
            async () => await upload.AppendAsync(new ReadOnlySequence<byte>(new byte[1])));
        Assert.Equal(("write", data), (full.Call, full.Path));
        Assert.Contains("no space left on device", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_unfinished_is_left_beside_a_file()
    {
        await Storage.WriteAsync("repositories/a/link", Text("x"));
        await Storage.WriteAsync("repositories/a/link", Text("y"));
        Assert.Equal(["link"], await Storage.ListAsync("repositories/a"));
    }
}

/// <summary>The same without a flush.</summary>
public sealed class FileSystemStorageWithoutFlushTests : FileSystemStorageContract
{
    private protected override Durability Durability => Durability.None;
}

/// <summary>The same with every upload flushed as it grows.</summary>
public sealed class FileSystemStorageFullyFlushedTests : FileSystemStorageContract
{
    private protected override Durability Durability => Durability.Full;
}
