using Chat.Node.Presence;
using Chat.Node.Signals;

namespace Chat.Tests.Presence;

public sealed class PresenceViewTests
{
    private static readonly Incarnation Here = new("n1", "a");
    private static readonly Incarnation There = new("n2", "b");

    [Fact]
    public void User_is_there_until_the_last_connection_on_any_node_is_gone()
    {
        var view = new PresenceView();
        view.Add(new PresenceEntry("c1", "ada", Here));
        view.Add(new PresenceEntry("c2", "ada", There));
        view.TakeChanges();

        view.Remove("c1");
        var first = view.TakeChanges();
        view.Remove("c2");
        var last = view.TakeChanges();

        Assert.Empty(first.Left);
        Assert.Equal(["ada"], last.Left);
    }

    [Fact]
    public void What_comes_and_goes_between_two_looks_was_never_there()
    {
        var view = new PresenceView();

        view.Add(new PresenceEntry("c1", "ada", Here));
        view.Remove("c1");
        view.Add(new PresenceEntry("c2", "bob", Here));
        var (joined, left) = view.TakeChanges();

        Assert.Equal(["bob"], joined);
        Assert.Empty(left);
    }

    [Fact]
    public void Whoever_was_shown_what_came_and_went_again_is_told_of_it()
    {
        var view = new PresenceView();
        view.Add(new PresenceEntry("c1", "ada", Here));
        view.TakeChanges();

        view.Remove("c1");
        view.Add(new PresenceEntry("c2", "bob", Here));
        view.NoteShown();
        view.Add(new PresenceEntry("c3", "ada", Here));
        view.Remove("c2");
        var (joined, left) = view.TakeChanges();

        Assert.Equal(["ada"], joined);
        Assert.Equal(["bob"], left);
        var (joinedAgain, leftAgain) = view.TakeChanges();
        Assert.Empty(joinedAgain);
        Assert.Empty(leftAgain);
    }

    [Fact]
    public void The_same_entry_again_changes_nothing()
    {
        var view = new PresenceView();
        view.Add(new PresenceEntry("c1", "ada", There));
        view.Add(new PresenceEntry("c1", "ada", There));

        view.Remove("c1");

        Assert.Equal(0, view.UserCount);
        Assert.Empty(view.Nodes);
    }

    [Fact]
    public void Room_turns_to_numbers_above_the_limit_and_to_names_well_below_it()
    {
        var view = new PresenceView();
        var announcer = new PresenceAnnouncer("hall", membersListedMax: 4);
        var told = new List<(int Joined, int? Count)>();

        for (var i = 0; i < 6; i++)
        {
            view.Add(new PresenceEntry($"c{i}", $"u{i}", Here));
            Tell();
        }

        for (var i = 0; i < 4; i++)
        {
            view.Remove($"c{i}");
            Tell();
        }

        Assert.Equal([(1, null), (1, null), (1, null), (1, null), (0, 5), (0, 6), (0, 5), (0, 4), (3, 3), (0, null)], told);

        void Tell()
        {
            var frame = announcer.Next(view)!;
            told.Add((frame.Joined.Count, frame.MemberCount));
        }
    }
}
