using System.Text;
using Blobs.Files;
using Blobs.Tests.Testing;
using Blobs.Trees;

namespace Blobs.Tests.Trees;

/// <summary>The rules by which dockerd finds changes between two trees.</summary>
public sealed class TreeComparisonTests : IDisposable
{
    private static readonly DateTime Then = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();

    public TreeComparisonTests()
    {
        foreach (string tree in (string[])["old", "new"])
        {
            foreach (string file in (string[])["a/f", "a/g", "b/c/h", "d.txt", "i"])
            {
                File.SetLastWriteTimeUtc(_folder.Write($"{tree}/{file}", file), Then);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Equal_trees_have_no_changes() => Assert.Empty(Changes());

    [Fact]
    public void A_new_directory_is_listed_with_its_content_and_its_parent()
    {
        _folder.Write("new/b/n/one", "1");
        _folder.Write("new/b/n/two", "2");
        Assert.Equal(["b", "b/n", "b/n/one", "b/n/two"], Changes());
    }

    [Fact]
    public void A_removed_directory_is_listed_once()
    {
        Directory.Delete(_folder["new/b/c"], recursive: true);
        File.Delete(_folder["new/i"]);
        Assert.Equal(["b", "-b/c", "-i"], Changes());
    }

    [Fact]
    public void Paths_are_in_the_order_of_their_bytes()
    {
        _folder.Write("new/a.txt", "");
        _folder.Write("new/a/new", "");
        Assert.Equal(["a", "a.txt", "a/new"], Changes());
    }

    [Fact]
    public void A_file_is_changed_by_mode_size_or_time()
    {
        File.SetUnixFileMode(_folder["new/a/f"], UnixFileMode.UserRead);
        File.SetLastWriteTimeUtc(_folder.Write("new/a/g", "longer"), Then);
        File.SetLastWriteTimeUtc(_folder["new/i"], Then.AddSeconds(1));
        Assert.Equal(["a", "a/f", "a/g", "i"], Changes());
    }

    [Fact]
    public void A_fraction_of_a_second_missing_on_one_side_is_not_a_change()
    {
        File.SetLastWriteTimeUtc(_folder["new/i"], Then.AddMilliseconds(7));
        Assert.Empty(Changes());
        File.SetLastWriteTimeUtc(_folder["old/i"], Then.AddMilliseconds(8));
        Assert.Equal(["i"], Changes());
    }

    [Fact]
    public void Content_alone_is_not_compared()
    {
        File.SetLastWriteTimeUtc(_folder.Write("new/i", "I"), Then);
        Assert.Empty(Changes());
    }

    [Fact]
    public void The_time_of_a_directory_is_ignored_but_not_its_mode()
    {
        Directory.SetLastWriteTimeUtc(_folder["new/a"], Then);
        File.SetUnixFileMode(_folder["new/b"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(["b"], Changes());
    }

    [Fact]
    public void A_directory_that_became_a_file_takes_everything_in_it_along_and_the_other_way()
    {
        Directory.Delete(_folder["new/a"], recursive: true);
        _folder.Write("new/a", "now a file");
        File.Delete(_folder["new/i"]);
        _folder.Write("new/i/inside", "now a directory");
        Assert.Equal(["a", "i", "i/inside"], Changes());
    }

    [Fact]
    public void A_link_with_another_target_is_changed()
    {
        File.CreateSymbolicLink(_folder["old/l"], "here");
        File.CreateSymbolicLink(_folder["new/l"], "elsewhere");
        Assert.Equal(["l"], Changes());
    }

    private string[] Changes()
    {
        using DirectoryHandle changed = DirectoryHandle.Open(_folder["new"]);
        using DirectoryHandle parent = DirectoryHandle.Open(_folder["old"]);
        return [.. TreeComparison.Of(changed, parent).Select(change => (change.IsGone ? "-" : "") + Encoding.UTF8.GetString(change.Path))];
    }
}
