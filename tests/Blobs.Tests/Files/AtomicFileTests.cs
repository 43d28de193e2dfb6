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
