using Blobs.Files;

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
