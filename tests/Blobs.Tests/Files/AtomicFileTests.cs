using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Files;

/// <summary>Files that get their name when they are complete.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private const int Files = 2000;

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_sweep_leaves_the_files_of_a_live_process_also_in_the_moment_they_are_made()
    {
        using var ended = new CancellationTokenSource();
        var sweeping = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                Sweep();
            }
        });
        for (int i = 0; i < Files; i++)
        {
            string temporary = Path.Combine(_folder.Path, TemporaryNames.Hidden.NameFor(""));
            using AtomicFile file = AtomicFile.CreateAt(temporary, "file", SmallFile.Readable);
            file.Stream.Write("whole"u8);
            file.Commit(_folder["file"], isDurable: false);
        }

        await ended.CancelAsync();
        await sweeping;
        Assert.Equal(["file 5"], _folder.Listing());
    }

    [Fact]
    public void What_the_disk_took_while_it_was_written_is_the_file()
    {
        byte[] content = new byte[20 << 20];
        new Random(1).NextBytes(content);
        using AtomicFile file = AtomicFile.Create(_folder["file"], TemporaryNames.Hidden, SmallFile.Readable);
        file.FlushesAhead = true;
        for (int i = 0; i < content.Length; i += 1 << 20)
        {
            file.Stream.Write(content.AsSpan(i, 1 << 20));
        }

        file.Stream.Position = 0;
        file.Stream.Write(content.AsSpan(0, 4096));
        file.FlushToDisk();
        file.Commit(_folder["file"]);
        Assert.Equal(content, File.ReadAllBytes(_folder["file"]));
    }

    private void Sweep()
    {
        foreach (string file in TemporaryNames.HiddenIn(_folder.Path))
        {
            int errno = FileLock.TryTake(file, isExclusive: true, out FileLock? taken);
            if (errno == Errno.None)
            {
                File.Delete(file);
            }

            taken?.Dispose();
        }
    }
}
