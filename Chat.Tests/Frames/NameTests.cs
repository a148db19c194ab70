using Chat.Protocol;

namespace Chat.Tests.Frames;

public sealed class NameTests
{
    [Theory]
    [InlineData("lobby", true)]
    [InlineData("A-z_0.9", true)]
    [InlineData("dm:ada:bob", true)]
    [InlineData("", false)]
    [InlineData("with space", false)]
    [InlineData("ümlaut", false)]
    [InlineData("a:b", false)]
    [InlineData("dm:bob:ada", false)]
    [InlineData("dm:ada:ada", false)]
    [InlineData("dm:ada", false)]
    [InlineData("dm:ada:bob:eve", false)]
    public void A_room_name_is_of_a_small_alphabet_or_names_two_users_in_order(string room, bool valid) =>
        Assert.Equal(valid, RoomName.IsValid(room));

    [Fact]
    public void A_room_name_has_at_most_64_characters()
    {
        Assert.True(RoomName.IsValid(new string('x', 64)));
        Assert.False(RoomName.IsValid(new string('x', 65)));
    }

    [Fact]
    public void A_direct_room_admits_its_two_users_only()
    {
        var room = RoomName.Direct("bob", "ada");

        Assert.Equal("dm:ada:bob", room);
        Assert.True(RoomName.Admits(room, "ada") && RoomName.Admits(room, "bob"));
        Assert.False(RoomName.Admits(room, "eve"));
        Assert.True(RoomName.Admits("lobby", "eve"));
    }

    [Theory]
    [InlineData(4000, true)]
    [InlineData(4499, true)]
    [InlineData(4500, false)]
    [InlineData(4999, false)]
    [InlineData(1006, true)]
    public void Close_codes_say_whether_to_come_back(int code, bool reconnects) =>
        Assert.Equal(reconnects, CloseCodes.Reconnects(code));
}
